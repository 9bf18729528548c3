package config

// Kinds are the kinds of sources that a configuration can name.
var Kinds = []string{"files"}

// kinds lists those that a source has set.
func (s *Source) kinds() []string {
	var kinds []string
	if s.Files != nil {
		kinds = append(kinds, "files")
	}
	return kinds
}
