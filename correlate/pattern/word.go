package pattern

// word handles the letter at i.
func (s *scanner) word(i int) (Class, int) {
	b := s.msg
	end := span(b, i, isLetter)
	if n := end - i; n >= 8 && n%8 == 0 && allHex(b[i:end]) && !is(b, end, isAlnum|isJoin) {
		return Hex, end // ffffffff
	}
	if end == len(b) {
		return Const, end
	}
	switch c := b[end]; {
	case kind[c]&isDigit != 0:
		return s.mixed(i, end)
	case c == ':':
		if u := urlEnd(b, end); u > 0 {
			return URL, u
		}
		if end-i == 1 {
			if p := drivePath(b, i); p > 0 {
				return Path, p
			}
		}
		if end-i <= 4 && (is(b, end+1, isHex) || at(b, end+1) == ':') && !is(b, i-1, isAlnum) {
			if class, p := colonHex(b, i); p > 0 {
				return class, p
			}
		}
	case c == '@' || c == '.' || c == '-' || c == '_' || c == '+':
		if i >= s.plain && !is(b, i-1, isAlnum|isJoin) {
			return s.name(i, end)
		}
		if c == '-' && end-i == 8 {
			if u := uuid(b, i); u > 0 {
				return UUID, u
			}
		}
	case c == ' ' || c == ',':
		if end-i == 3 && dayOrMonth(b[i:end]) {
			if t := wordyTime(b, i); t > 0 {
				return Time, t
			}
		}
	}
	return Const, end
}

// name handles a word at i that ends with a joint: the local part of an e-mail
// address, a UUID, the name of a host, or another name of several words.
func (s *scanner) name(i, end int) (Class, int) {
	b := s.msg
	if u := uuid(b, i); u > 0 {
		return UUID, u
	}
	dot := 0
	j := end
	for j < len(b) && (kind[b[j]]&(isAlnum|isJoin) != 0 || b[j] == '+') {
		if b[j] == '.' && is(b, j+1, isLetter) {
			dot = j
		}
		j++
	}
	if at(b, j) == '@' {
		if e := emailEnd(b, j); e > 0 {
			return Email, e
		}
	}
	if dot > 0 {
		if h := hostEnd(b, i, dot, j); h > 0 {
			return Host, h
		}
	}
	s.plain = j
	return Const, end
}

// hostEnd returns the end of the host's name that the run from i to j is, with
// its last dot before a letter at dot, or 0. It is a name if a port follows, or
// if it ends as names of hosts do.
func hostEnd(b []byte, i, dot, j int) int {
	for kind[b[j-1]]&isJoin != 0 {
		j--
	}
	if j <= dot {
		return 0
	}
	last := b[dot+1 : j]
	port := at(b, j) == ':' && is(b, j+1, isDigit) && !sourceFile(last) && !is(b, span(b, j+1, isDigit), isLetter)
	suffix := hostSuffix(last)
	if !port && !suffix || is(b, j, isAlnum) {
		return 0
	}
	for _, c := range b[i:j] {
		if c == '_' || c == '+' || c >= 0x80 || kind[c]&isUpper != 0 && !suffix {
			return 0
		}
	}
	if suffix && !port && reverseName(b[i:j]) {
		return 0
	}
	return j
}

// sourceFile reports whether b is the ending of a file that a colon and a line
// number may follow.
func sourceFile(b []byte) bool {
	switch string(b) {
	case "go", "java", "py", "rb", "js", "ts", "c", "cc", "cpp", "cxx", "h", "hpp", "rs", "kt", "scala", "php", "pl", "pm",
		"cs", "swift", "m", "mm", "sql", "lua", "ex", "exs", "erl", "sh", "tsx", "jsx", "mjs", "cjs", "groovy", "clj", "hs",
		"ml", "dart", "vue", "conf", "cfg", "yml", "yaml", "json", "toml", "xml", "tf", "log", "txt", "s", "asm", "zig":
		return true
	}
	return false
}

// hostSuffix reports whether b is the last label of many names of hosts, and
// of little else.
func hostSuffix(b []byte) bool {
	switch string(b) {
	case "com", "net", "org", "edu", "gov", "mil", "local", "internal", "localdomain", "lan", "corp", "arpa":
		return true
	}
	return false
}

// reverseName reports whether a name starts as names of Java packages do.
func reverseName(b []byte) bool {
	for _, p := range []string{"com.", "net.", "org.", "edu.", "gov."} {
		if len(b) > len(p) && string(b[:len(p)]) == p {
			return true
		}
	}
	return false
}

// emailEnd returns the end of the e-mail address whose @ is at i, or 0.
func emailEnd(b []byte, i int) int {
	if at(b, i) != '@' || !is(b, i+1, isAlnum) {
		return 0
	}
	j := i + 1
	dots := 0
	for j < len(b) && kind[b[j]]&(isAlnum|isJoin) != 0 {
		if b[j] == '.' && is(b, j+1, isAlnum) {
			dots++
		}
		j++
	}
	for j > i && kind[b[j-1]]&isJoin != 0 {
		j--
	}
	if dots == 0 {
		return 0
	}
	return j
}

// mixed handles a word at i whose letters end before a digit.
func (s *scanner) mixed(i, letters int) (Class, int) {
	b := s.msg
	if is(b, i-1, isDigit) {
		return Const, letters // the rest of a name such as http2Server
	}
	if u := uuid(b, i); u > 0 {
		return UUID, u
	}
	end := span(b, i, isAlnum)
	if end < len(b) {
		switch b[end] {
		case ':':
			if end-i <= 4 {
				if class, p := colonHex(b, i); p > 0 {
					return class, p
				}
			}
		case '@', '.', '-', '_', '+':
			if i >= s.plain {
				if class, p := s.name(i, end); class != Const {
					return class, p
				}
			}
		}
	}
	if end-i >= 16 {
		if e := base64End(b, end); e > 0 {
			return ID, e
		}
	}
	digits := span(b, letters, isDigit)
	if allHex(b[i:end]) && (end-i >= 6 || at(b, i-1) == '@') {
		return tail(b, end, Hex)
	}
	if digits == end {
		return Const, letters // node12, eth0, ipv4
	}
	if is(b, digits, isLetter) && span(b, digits, isLetter) == end && nameLike(b[i:letters], b[digits:end]) {
		return Const, letters // Http2Connection
	}
	return tail(b, end, ID)
}

// nameLike reports whether letters on both sides of one number make a name.
func nameLike(before, after []byte) bool {
	return len(before) >= 4 && hasVowel(before) || len(after) >= 4 && hasVowel(after)
}

func allHex(b []byte) bool {
	for _, c := range b {
		if kind[c]&isHex == 0 {
			return false
		}
	}
	return true
}

// tail extends an id that ends at i by the parts that are joined to it and are
// no words: digits, single letters, the random ends of Kubernetes names.
func tail(b []byte, i int, class Class) (Class, int) {
	if class == ID || class == Hex {
		if e := base64End(b, i); e > 0 {
			return ID, e
		}
	}
	for at(b, i) == '-' || at(b, i) == '_' {
		end := span(b, i+1, isAlnum)
		if end == i+1 || !idPart(b[i+1:end]) {
			break
		}
		class, i = ID, end
		for at(b, i) == '.' && is(b, i+1, isDigit) {
			i = span(b, i+1, isAlnum)
		}
	}
	return class, i
}

// idPart reports whether a part of a joined name is no word.
func idPart(b []byte) bool {
	if len(b) == 1 {
		return true
	}
	for _, c := range b {
		if kind[c]&isDigit != 0 {
			return true
		}
	}
	return len(b) == 5 && !hasVowel(b)
}

// base64End returns the end of base64 text that goes on at i beyond letters and
// digits, or 0.
func base64End(b []byte, i int) int {
	j := i
	for j < len(b) && (kind[b[j]]&isAlnum != 0 || b[j] == '+' || b[j] == '/') {
		j++
	}
	pad := j
	for pad < len(b) && pad < j+2 && b[pad] == '=' {
		pad++
	}
	if (pad == j+2 || pad > j && j > i) && !is(b, pad, isAlnum) || j-i >= 16 {
		return pad
	}
	return 0
}
