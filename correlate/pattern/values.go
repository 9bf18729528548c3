package pattern

import "strings"

// How many different values make a position variable.
const (
	enoughNames  = 4  // names with dots, slashes, digits; fewer in long messages, see fewNames
	enoughObject = 3  // rare words after for, by, from, to, or in brackets
	enoughWords  = 4  // rare words
	enoughLead   = 12 // words that begin the message: most often they say what it is
	enoughSparse = 12 // messages with several free positions
)

// fewWords is the length below which messages have to differ in more values.
const fewWords = 4

// manyWords is the length from which messages that are alike but for one
// position are surely written by one statement.
const manyWords = 5

// fewNames is how many different names make a position variable in a message
// of so many words: the more the messages share, the fewer.
func fewNames(length int) int {
	switch {
	case length >= manyWords:
		return 2
	case length >= fewWords-1:
		return 3
	}
	return enoughNames + fewWords
}

// rareShare is the part of a position's messages below which a value is rare.
const rareShare = 20

// A place is where messages differ that are alike everywhere else.
type place struct {
	position, length int
	// before is the word before the value, text one of the values, and key what
	// stands before it in its word or, apart, before the equals sign or colon.
	before, text, key string
}

func placeOf(tokens []token, p int) place {
	a := place{position: p, length: len(tokens), text: tokens[p].text, key: keyOf(tokens[p].text)}
	if p > 0 {
		a.before = tokens[p-1].text
	}
	if p > 1 && (a.before == "=" || a.before == ":") {
		a.key = tokens[p-2].text + a.before
	}
	return a
}

// valuesAt returns the members of a group, alike but for position p, that are
// to be joined: all if their values there are enough to call the position
// variable, without those that differ only in how a thing went.
func valuesAt(forms []*form, group []int, p int) []int {
	at := placeOf(forms[group[0]].tokens, p)
	members := apart(forms, group, p)
	if (announces(at.before) || keepsName(at.key)) && len(members) >= enoughWords {
		members = group // who is called "up" or "down" is still a user
	}
	if len(members) < 2 || !at.variable(countValues(forms, members, p), len(members)) {
		return nil
	}
	return members
}

// variable reports whether n values are enough to call their place variable.
func (a place) variable(c valueCounts, n int) bool {
	more := 2 * max(0, fewWords-a.length) // little in common proves little
	named := c.starred + c.names
	names := named+c.numbered == n
	switch {
	case a.length == 1: // only a key can tell that it is one statement
		return a.key != "" && c.partly == n
	case a.position == 0:
		return a.leads(c, n)
	case c.starred == n, c.whole > 0 && (names || c.partly+c.numbered == n), // one may be a word by chance
		a.length > 2 && c.partly == n,
		announces(a.before),
		keepsName(a.key) && (n >= enoughWords || c.seldom == n),
		strings.HasSuffix(a.key, "=") && !tellingKey(a.key) && named > 0 && (names || n >= enoughObject),
		named == n && n >= fewNames(a.length),
		named == n-1 && n > fewNames(a.length),
		n >= enoughNames+more && (names || c.partly > 0 && named+c.numbered+c.joined == n),
		n >= enoughObject+more && c.rare >= n-1 && (introduces(a.before) || a.before == "to" || a.before == "of" || enclosed(a.text)),
		c.rare >= enoughWords+more:
		return true
	}
	return false
}

// leads is variable for the first word of a message.
func (a place) leads(c valueCounts, n int) bool {
	more := 2 * max(0, fewWords-a.length)
	named := c.starred + c.names
	names := named+c.numbered == n
	return names && n > enoughNames+more || named == n && n > fewNames(a.length) ||
		names && a.length >= fewWords && (c.whole > 0 || c.partly == n) ||
		a.length > 2 && c.rare >= enoughLead+more
}

// apart returns the group without the members whose value is a word that tells
// how a thing went, and without those whose names differ in nothing but such a
// word: failed and succeeded, SCREEN_ON and SCREEN_OFF.
func apart(forms []*form, group []int, p int) []int {
	stems := map[string]int{}
	for _, r := range group {
		if stem, ok := outcomeStem(forms[r].tokens[p].text); ok {
			stems[stem]++
		}
	}
	if len(stems) == 0 {
		return group
	}
	var members []int
	for _, r := range group {
		if stem, ok := outcomeStem(forms[r].tokens[p].text); !ok || stem != "" && stems[stem] == 1 {
			members = append(members, r)
		}
	}
	return members
}

// valueCounts says what the values of a position are like.
type valueCounts struct {
	starred  int // variable as a whole, but for a prefix such as "blk_"
	whole    int // nothing but variable
	numbered int // a word with a number, such as "eth0": often one of very few
	partly   int // variable in part in another way
	names    int // look like names, or are variable in part
	joined   int // words joined by an underscore
	seldom   int // seen once or twice
	rare     int // seldom seen, or next to the others
}

func countValues(forms []*form, members []int, p int) (c valueCounts) {
	var total uint64
	for _, r := range members {
		total += forms[r].total
	}
	for _, r := range members {
		f := forms[r]
		text := core(f.tokens[p].text)
		varies := strings.Contains(text, wild)
		switch {
		case text == wild:
			c.starred++
			c.whole++
			c.partly++
		case strings.HasSuffix(text, "_"+wild):
			c.starred++
			c.partly++
		case strings.Contains(text, "..."): // a label and dots that lead to its value
		case varies && isNumbered(text):
			c.numbered++
		case varies:
			c.partly++
			c.names++
		case isName(text):
			c.names++
		case strings.Contains(text, "_"):
			c.joined++
		}
		if f.total <= 2 {
			c.seldom++
		}
		if f.total <= 2 || f.total*rareShare < total {
			c.rare++
		}
	}
	return c
}

// isNumbered reports whether a text is letters before one variable part.
func isNumbered(text string) bool {
	for i := range len(text) {
		if kind[text[i]]&isLetter == 0 {
			return i > 0 && text[i:] == wild
		}
	}
	return false
}

// isName reports whether a word looks like the name of something rather than
// like a word of a sentence.
func isName(text string) bool {
	for i := 1; i < len(text)-1; i++ {
		switch text[i] {
		case '.', '/', '@', '\\', '$':
			return true
		}
		if kind[text[i]]&isDigit != 0 {
			return true
		}
	}
	return false
}

// keyOf returns what stands before the value in a word such as "user=root,",
// with the sign after it. What stands before a colon is a key only if it is
// one word: in "db-1.example.com:5432" it is not.
func keyOf(text string) string {
	i := strings.IndexAny(strings.TrimRight(text, "=:,;.)]}\"'>"), "=:")
	if i < 0 || text[i] == ':' && strings.ContainsAny(strings.TrimLeft(text[:i], "{[(\"'"), "-./*@") {
		return ""
	}
	return text[:i+1]
}

// core cuts punctuation off both ends of a word, and the key before its value.
func core(text string) string {
	return strings.Trim(text[len(keyOf(text)):], "()[]{}<>\"'.,;:!?#|=")
}

// tells reports whether a word, or the last part of a name, tells how a thing
// went.
func tells(text string) bool {
	_, ok := outcomeStem(text)
	return ok
}

// outcomeStem splits off the last part of a word if it tells how a thing went.
// The name of an exception tells it as a whole.
func outcomeStem(text string) (stem string, ok bool) {
	text = core(text)
	if strings.HasSuffix(text, "Exception") || strings.HasSuffix(text, "Error") {
		return "", true
	}
	i := strings.LastIndexAny(text, "._-/")
	return text[:i+1], isOutcome([]byte(text[i+1:]))
}

// announces reports whether the word after this one is most often a name.
func announces(word string) bool {
	switch strings.ToLower(strings.Trim(word, "\"'(:")) {
	case "user", "username", "account", "host", "hostname", "node", "pod", "namespace", "database", "table", "topic", "queue",
		"bucket", "tenant", "container", "deployment", "process", "comm", "dev", "device", "disk":
		return true
	}
	return false
}

// tellingKey reports whether the values of a key say what kind of thing
// happened.
func tellingKey(key string) bool { return telling([]byte(strings.ToLower(bareKey(key)))) }

// bareKey cuts the sign after a key off it, and what stands before its last
// name.
func bareKey(key string) string {
	key = strings.TrimRight(key, "\"'=: ")
	return key[strings.LastIndexAny(key, "({[,;.\"'=")+1:]
}

// keepsName reports whether the values of a key are most often names.
func keepsName(key string) bool {
	key = bareKey(key)
	if announces(key) || strings.HasSuffix(key, "Id") || strings.HasSuffix(key, "_id") {
		return true
	}
	switch strings.ToLower(key) {
	case "index", "cluster", "role", "principal", "member", "caller", "service", "job", "image", "volume", "rhost", "client",
		"server", "peer", "remote", "addr", "address", "tag", "name", "pkg", "package", "packagename":
		return true
	}
	return false
}

// introduces reports whether the word after this one is often a name.
func introduces(word string) bool {
	switch strings.ToLower(strings.Trim(word, "\"'(:")) {
	case "for", "by", "from", "group", "member", "peer", "service", "client", "server", "shard", "replica", "partition", "schema",
		"vhost", "job", "task", "index", "channel", "key", "flag":
		return true
	}
	return false
}
