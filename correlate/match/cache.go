package match

// cacheLimit bounds what a scanner remembers of one expression on names. Names are few; should they not be, it starts anew.
const cacheLimit = 10_000

// cached answers whether an expression matches a name, from memory where it can.
func cached(cache *map[string]bool, e *expression, name string) bool {
	if ok, known := (*cache)[name]; known {
		return ok
	}
	return remember(cache, e, name)
}

// cachedBytes is cached for a name that is not a string yet.
func cachedBytes(cache *map[string]bool, e *expression, name []byte) bool {
	if ok, known := (*cache)[string(name)]; known {
		return ok
	}
	return remember(cache, e, string(name))
}

func remember(cache *map[string]bool, e *expression, name string) bool {
	if *cache == nil || len(*cache) >= cacheLimit {
		*cache = map[string]bool{}
	}
	ok := e.compiled().MatchString(name)
	(*cache)[name] = ok
	return ok
}
