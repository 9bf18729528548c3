package match

import "regexp"

// cacheLimit bounds what a scanner remembers of one expression on names. Names are few; should they not be, it starts anew.
const cacheLimit = 10_000

// cached answers whether an expression matches a name, from memory where it can.
func cached(cache *map[string]bool, re *regexp.Regexp, name string) bool {
	if ok, known := (*cache)[name]; known {
		return ok
	}
	return remember(cache, re, name)
}

// cachedBytes is cached for a name that is not a string yet.
func cachedBytes(cache *map[string]bool, re *regexp.Regexp, name []byte) bool {
	if ok, known := (*cache)[string(name)]; known {
		return ok
	}
	return remember(cache, re, string(name))
}

func remember(cache *map[string]bool, re *regexp.Regexp, name string) bool {
	if *cache == nil || len(*cache) >= cacheLimit {
		*cache = map[string]bool{}
	}
	ok := re.MatchString(name)
	(*cache)[name] = ok
	return ok
}
