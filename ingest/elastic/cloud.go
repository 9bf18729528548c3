package elastic

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// CloudURL gives the URL of the cluster that a Cloud ID names, which Elastic Cloud shows for each deployment: a label, a colon and
// in base64 the domain, perhaps with a port, and the cluster's id with a dollar sign between.
func CloudURL(id string) (*url.URL, error) {
	_, encoded, ok := strings.Cut(id, ":")
	if !ok {
		return nil, fmt.Errorf("%q is no Cloud ID: there is no colon after the deployment's name", id)
	}
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("%q is no Cloud ID: what follows the colon is not base64", id)
	}
	parts := strings.Split(string(plain), "$")
	if len(parts) < 2 || parts[0] == "" || parts[1] == "" {
		return nil, fmt.Errorf("%q is no Cloud ID: it names no domain and cluster", id)
	}
	domain, port, hasPort := strings.Cut(parts[0], ":")
	host := parts[1] + "." + domain
	if hasPort {
		host += ":" + port
	}
	u, err := url.Parse("https://" + host)
	if err != nil {
		return nil, fmt.Errorf("%q is no Cloud ID: %w", id, err)
	}
	return u, nil
}

// APIKey gives the encoded form of an API key, which may also be written as the id and the key with a colon between.
func APIKey(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", errors.New("the API key is empty")
	case strings.ContainsAny(text, " \t\r\n"):
		return "", errors.New("the API key has blanks or several lines: write nothing but the encoded key")
	case strings.Contains(text, ":"):
		return base64.StdEncoding.EncodeToString([]byte(text)), nil
	}
	return text, nil
}
