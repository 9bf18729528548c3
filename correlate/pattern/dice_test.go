package pattern

import (
	"strconv"
	"strings"
)

// dice is a random source whose numbers never change (splitmix64).
type dice struct{ state uint64 }

func (d *dice) n(n int) int {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

func (d *dice) chars(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.n(len(alphabet))]
	}
	return string(b)
}

// fill replaces the slots of a kind of message.
func (d *dice) fill(kind string) string {
	var b strings.Builder
	for i := 0; i < len(kind); i++ {
		if kind[i] == '{' {
			if end := matching(kind, i); end > 0 {
				if text, ok := d.slot(kind[i+1 : end]); ok {
					b.WriteString(text)
					i = end
					continue
				}
			}
		}
		b.WriteByte(kind[i])
	}
	return b.String()
}

func matching(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return 0
}

// options splits at the bars that are not inside braces.
func options(s string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == '|' && depth == 0:
			option, n := s[start:i], 1
			if at := strings.LastIndexByte(option, '*'); at >= 0 {
				if v, err := strconv.Atoi(option[at+1:]); err == nil {
					option, n = option[:at], v
				}
			}
			for range n {
				out = append(out, option)
			}
			start = i + 1
		case s[i] == '{':
			depth++
		case s[i] == '}':
			depth--
		}
	}
	return out
}

var (
	users = strings.Fields("alice bob carol dave erin frank grace heidi ivan judy mallory niaj olivia peggy rupert sybil trent " +
		"victor walter admin oracle test guest postgres ubuntu support nagios deploy jenkins git web sales mysql 0101 pi a1 user2 test3")
	names    = strings.Fields("PendingIntent Receiver$Inner Monitor Session Handler Listener Adapter Policy Watcher Controller orders items")
	domains  = strings.Fields("example.com example.net dsl.example.org adsl.isp.example.net static.example.edu")
	hostings = strings.Fields("mail www db lns-vlq-45-tou host-7 h82-1-2 n219076 62-192-102-94 troi core.cache")
	dirs     = strings.Fields("usr home var opt data bin lib share p-gb1 scratch1 core umt2k amr")
)

const lowerHex = "0123456789abcdef"

func (d *dice) slot(name string) (string, bool) {
	if strings.Contains(name, "|") {
		if opts := options(name); len(opts) > 1 {
			return d.fill(opts[d.n(len(opts))]), true
		}
	}
	base := strings.TrimRight(name, "0123456789")
	size, _ := strconv.Atoi(name[len(base):])
	switch base {
	case "num:":
		return strconv.Itoa(d.n(size + 1)), true
	case "num":
		if size > 0 {
			return d.chars("0123456789", size), true
		}
		return strconv.Itoa(d.n([]int{10, 1000, 100000, 100000000}[d.n(4)])), true
	case "hex":
		return d.chars(lowerHex, size), true
	}
	return d.named(name)
}

func (d *dice) named(name string) (string, bool) {
	one := func(from []string) string { return from[d.n(len(from))] }
	switch name {
	case "snum":
		return one([]string{"", "-"}) + d.chars("123456789", 18), true
	case "float":
		return strconv.Itoa(d.n(900)) + "." + d.chars("0123456789", 1+d.n(3)), true
	case "hexpair":
		return strings.ToUpper(d.chars(lowerHex, 2)), true
	case "ip":
		return d.fill("{num:255}.{num:255}.{num:255}.{num:255}"), true
	case "ipv6":
		return d.fill("{fe80:0000:0000:0000:{hex4}:{hex4}:{hex4}:{hex4}|2607:f140:6000:8:{hex4}:1ff:fe{hex2}:{hex4}|fe80::{hex4}:{hex4}}"), true
	case "port":
		return strconv.Itoa(1024 + d.n(60000)), true
	case "mac":
		return d.fill("{hex2}:{hex2}:{hex2}:{hex2}:{hex2}:{hex2}"), true
	case "uuid":
		return d.fill("{hex8}-{hex4}-{hex4}-{hex4}-{hex12}"), true
	case "host":
		return one(hostings) + "." + one(domains), true
	case "user":
		return one(users), true
	case "name":
		return one(names), true
	case "path":
		p := ""
		for range 2 + d.n(4) {
			p += "/" + one(dirs)
		}
		return p, true
	case "date":
		return one([]string{"Mon", "Tue", "Sat", "Sun"}) + " " + one([]string{"Jan", "Jun", "Aug", "Nov"}) + d.fill(" {1|}{num:9} 03:2{num:9}:{num:5}1 2005"), true
	case "clock":
		return d.fill("1{num:9}:{num:5}{num:9}:{num:5}{num:9}.{num3}"), true
	case "ID":
		return d.chars("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", 7), true
	case "rs":
		return d.chars("bcdfghjklmnpqrstvwxz2456789", 9), true
	case "k8s":
		return d.fill("{rs}-") + d.chars("bcdfghjklmnpqrstvwxz2456789", 5), true
	}
	return "", false
}
