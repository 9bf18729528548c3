package pattern

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// benchMessages are messages as they come out of the format decoders, by what
// they show.
var benchMessages = []struct{ name, msg string }{
	{"hdfs", "Received block blk_-1608999687919862906 of size 91178 from /10.250.10.6 and stored it to the local disk now"},
	{"hdfs2", "BLOCK* NameSystem.addStoredBlock: blockMap updated: 10.251.73.220:50010 is added to blk_7128370237687728475 size 67108864"},
	{"words", "could not obtain a connection from the pool because all of its connections are in use by other requests"},
	{"keys", "level=warn msg=\"request took too long\" path=/api/v1/orders/17 status=504 took=12.5ms user=alice trace=4bf92f3577b34da6"},
	{"json", `{"order":"A-1093","user":"alice","items":[1,2,3],"total":12.5,"state":"failed","host":"db-1.example.com","at":"2026-11-24"}`},
	{"java", "com.example.shop.OrderService.place(OrderService.java:117) threw java.lang.IllegalStateException after 3 attempts"},
}

func BenchmarkOf(b *testing.B) {
	for _, m := range benchMessages {
		b.Run(m.name, func(b *testing.B) {
			msg := []byte(m.msg)
			b.SetBytes(int64(len(msg)))
			b.ReportAllocs()
			for b.Loop() {
				Of(msg)
			}
		})
	}
	b.Run("mixed", func(b *testing.B) {
		msgs, size := mixedMessages(b)
		b.SetBytes(size)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			Of(msgs[i%len(msgs)])
		}
	})
}

func BenchmarkMemory(b *testing.B) {
	for _, m := range benchMessages {
		b.Run(m.name, func(b *testing.B) {
			var memory Memory
			msg := []byte(m.msg)
			b.SetBytes(int64(len(msg)))
			b.ReportAllocs()
			for b.Loop() {
				memory.Of(msg)
			}
		})
	}
	b.Run("mixed", func(b *testing.B) {
		var memory Memory
		msgs, size := mixedMessages(b)
		b.SetBytes(size)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			memory.Of(msgs[i%len(msgs)])
		}
	})
}

// mixedMessages are messages of several systems, and the bytes of one in the mean.
func mixedMessages(b *testing.B) (msgs [][]byte, size int64) {
	for _, name := range []string{"hdfs", "spark", "openssh", "services", "kubernetes", "zookeeper"} {
		lines, _ := readCorpus(b, "testdata/corpora/"+name+".txt").messages(500)
		for _, l := range lines {
			msgs = append(msgs, []byte(l))
			size += int64(len(l))
		}
	}
	return msgs, size / int64(len(msgs))
}

func BenchmarkTemplate(b *testing.B) {
	msg := []byte(benchMessages[0].msg)
	b.ReportAllocs()
	for b.Loop() {
		Template(msg)
	}
}

// manyShapes makes n distinct shapes: many kinds of messages, each with one or
// two free words.
func manyShapes(n int) []Shape {
	r := &dice{state: 7}
	word := func() string { return r.chars("abcdefghijklmnopqrstuvwxyz", 4+r.n(6)) }
	var kinds []string
	for range 200 {
		k := word()
		for range 3 + r.n(8) {
			k += " " + word()
		}
		kinds = append(kinds, k)
	}
	shapes := make([]Shape, n)
	for i := range shapes {
		t := fmt.Sprintf("%s for %s took <num> ms", kinds[r.n(len(kinds))], word())
		shapes[i] = Shape{Fingerprint: Of([]byte(t)), Template: t, Count: uint64(1 + r.n(5))}
	}
	return shapes
}

func BenchmarkCluster(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			shapes := manyShapes(n)
			b.ReportAllocs()
			for b.Loop() {
				Cluster(shapes)
			}
		})
	}
}

// hostileShapes makes n long shapes with all that is looked for again and
// again: rows that repeat, wide gaps, lists.
func hostileShapes(n int) []Shape {
	r := &dice{state: 9}
	shapes := make([]Shape, n)
	for i := range shapes {
		var b strings.Builder
		for b.Len() < maxShape {
			w := r.chars("ab", 3)
			fmt.Fprintf(&b, "%s <num> %s <num> %s  <num>, <num>, <num> key=%s ", w, w, r.chars("ab", 2), r.chars("abc", 4))
		}
		shapes[i] = Shape{Fingerprint: Fingerprint(i), Template: b.String(), Count: 1}
	}
	return shapes
}

func BenchmarkClusterHostile(b *testing.B) {
	for _, n := range []int{100, 1_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			shapes := hostileShapes(n)
			for b.Loop() {
				Cluster(shapes)
			}
		})
	}
}
