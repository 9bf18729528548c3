package pattern

// Kinds of bytes, as bits.
const (
	isLetter = 1 << iota // a-z, A-Z and every byte outside ASCII
	isDigit
	isHexLetter
	isSpace
	isVowel
	isUpper
	isJoin // joins words to one name: - _ .
	isStop // ends a path or URL
)

const (
	isAlnum = isLetter | isDigit
	isHex   = isDigit | isHexLetter
)

// kind classifies every byte.
var kind = makeKinds()

func makeKinds() (k [256]uint8) {
	for c := range k {
		switch {
		case c >= '0' && c <= '9':
			k[c] = isDigit
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= 0x80:
			k[c] = isLetter
		}
		if c >= 'A' && c <= 'Z' {
			k[c] |= isUpper
		}
		if l := c | 0x20; c < 0x80 && l >= 'a' && l <= 'f' && k[c]&isLetter != 0 {
			k[c] |= isHexLetter
		}
	}
	for _, c := range []byte("aeiouyAEIOUY") {
		k[c] |= isVowel
	}
	for _, c := range []byte(" \t\r\v\f") {
		k[c] |= isSpace
	}
	for _, c := range []byte("-_.") {
		k[c] |= isJoin
	}
	for _, c := range []byte(" \t\r\n\v\f\"'`()[]{}<>,;|\x1b") {
		k[c] |= isStop
	}
	return k
}

// is reports whether the byte at i exists and is of one of the kinds.
func is(b []byte, i int, kinds uint8) bool {
	return uint(i) < uint(len(b)) && kind[b[i]]&kinds != 0
}

// span returns the end of the run of such bytes that starts at i.
func span(b []byte, i int, kinds uint8) int {
	for i < len(b) && kind[b[i]]&kinds != 0 {
		i++
	}
	return i
}

// at returns the byte at i, or 0 outside b.
func at(b []byte, i int) byte {
	if uint(i) < uint(len(b)) {
		return b[i]
	}
	return 0
}

func hasVowel(b []byte) bool {
	for _, c := range b {
		if kind[c]&isVowel != 0 {
			return true
		}
	}
	return false
}
