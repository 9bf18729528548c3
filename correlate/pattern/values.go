package pattern

import "strings"

// How many different values make a position variable.
const (
	enoughNamed  = 2  // after a word that announces a name, or if all are part variable
	enoughNames  = 4  // names with dots, dashes, digits
	enoughObject = 3  // after for, by, from, to
	enoughWords  = 4  // rare words
	enoughLead   = 12 // words that begin the message: most often they say what it is
	enoughSparse = 6  // messages with several free positions
)

// rareShare is the part of a position's messages below which a value is rare.
const rareShare = 20

// valuesAt returns the members of a group, alike but for position p, that are
// to be joined: all whose value there is not a word that tells how a thing
// went, if the values are enough to call the position variable; else none.
func valuesAt(forms []*form, group []int, p int) []int {
	var members []int
	var total uint64
	for _, r := range group {
		if !tells(forms[r].tokens[p].text) {
			members = append(members, r)
			total += forms[r].total
		}
	}
	if len(members) < 2 {
		return nil
	}
	starred, names, rare := 0, 0, 0
	for _, r := range members {
		f := forms[r]
		switch text := core(f.tokens[p].text); {
		case text == wild, strings.HasSuffix(text, "_"+wild):
			starred++
		case strings.Contains(text, wild), isName(text):
			names++
		}
		if f.total <= 2 || f.total*rareShare < total {
			rare++
		}
	}
	n := len(members)
	before := ""
	if p > 0 {
		before = forms[members[0]].tokens[p-1].text
	}
	switch {
	case p > 0 && (starred == n || announces(before) || announces(keyOf(forms[members[0]].tokens[p].text))):
		return members // two are enough
	case starred+names == n && n >= enoughNames && (p > 0 || n > enoughNames):
		return members
	case p > 0 && n >= enoughObject && rare >= n-1 && isPreposition(before):
		return members
	case p > 0 && rare >= enoughWords, rare >= enoughLead:
		return members
	}
	return nil
}

// isName reports whether a word looks like the name of something rather than
// like a word of a sentence.
func isName(text string) bool {
	for i := 1; i < len(text)-1; i++ {
		switch text[i] {
		case '.', '-', '/', '@', '\\', '$':
			return true
		}
		if kind[text[i]]&isDigit != 0 {
			return true
		}
	}
	return false
}

// keyOf returns the key of a word such as "user=root", with the sign after it.
func keyOf(text string) string {
	return text[:strings.LastIndexAny(strings.TrimRight(text, "=:,;.)]}\"'>"), "=:")+1]
}

// core cuts punctuation off both ends of a word, and the key before its value.
func core(text string) string {
	text = strings.Trim(text, "()[]{}<>\"'.,;:!?#|=")
	if i := strings.LastIndexAny(text, "=:"); i >= 0 {
		text = text[i+1:]
	}
	return text
}

// tells reports whether a word, or the last part of a name, tells how a thing
// went.
func tells(text string) bool {
	text = core(text)
	if i := strings.LastIndexAny(text, "._-/"); i >= 0 {
		text = text[i+1:]
	}
	return isOutcome([]byte(text))
}

// announces reports whether the word after this one is most often a name.
func announces(word string) bool {
	switch strings.ToLower(strings.Trim(word, "\"'(:=")) {
	case "user", "username", "account", "host", "hostname", "node", "pod", "namespace", "database", "table", "index", "topic",
		"queue", "bucket", "tenant", "cluster", "role", "principal", "member", "caller":
		return true
	}
	return false
}

// isPreposition reports whether the word after this one is often a name.
func isPreposition(word string) bool {
	switch word {
	case "for", "by", "from", "to", "of":
		return true
	}
	return false
}
