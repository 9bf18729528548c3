package rule

import (
	"os"
	"testing"
)

// BenchmarkLoad reads and compiles everything the library knows.
func BenchmarkLoad(b *testing.B) {
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if _, err := ReadFiles(os.DirFS("library"), "*.yml"); err != nil {
				b.Fatal(err)
			}
		}
	})
	files, _ := ReadFiles(os.DirFS("library"), "*.yml")
	b.Run("set", func(b *testing.B) {
		for b.Loop() {
			if _, err := NewSet(files...); err != nil {
				b.Fatal(err)
			}
		}
	})
	s, _ := NewSet(files...)
	b.Run("matchers", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Matchers(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
