package endtoend

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// certificate makes one for this machine, and gives the files and a pool that trusts it.
func certificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	now := time.Now()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	require.NoError(t, err)
	private, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cert.pem"), text, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), 0o600))
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(text))
	return pool
}

// TestWeb has TLS and basic auth by the web configuration, and reloads the configuration on SIGHUP.
func TestWeb(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir)
	web := filepath.Join(dir, "web.yml")
	require.NoError(t, os.WriteFile(web, []byte("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n"+
		"basic_auth_users: {ana: $2a$04$MkTX5.A7.trN/kSwZeodKu7/IODCt6sDsb222JPJALwbeo6C.FJEu}\n"), 0o600)) // sesame
	config := filepath.Join(dir, "hindcast.yml")
	require.NoError(t, os.WriteFile(config, []byte("incidents: {settle: 5m, folder: reports}\n"), 0o600))
	s := serve(t, "-c", config, "--web.config.file", web, "--storage.path", filepath.Join(dir, "data"))
	defer s.Process.Kill()
	require.DirExists(t, filepath.Join(dir, "reports"), "the folder of the configuration")
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	get := func(path, password string) (int, string) {
		r, err := http.NewRequest(http.MethodGet, strings.Replace(s.url, "http://", "https://", 1)+path, nil)
		require.NoError(t, err)
		if password != "" {
			r.SetBasicAuth("ana", password)
		}
		resp, err := client.Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(body)
	}
	for path := range map[string]bool{"/": true, "/metrics": true, "/api/v1/incidents": true} {
		status, _ := get(path, "")
		require.Equal(t, http.StatusUnauthorized, status, path)
	}
	status, _ := get("/", "wrong")
	require.Equal(t, http.StatusUnauthorized, status)
	status, _ = get("/", "sesame")
	require.Equal(t, http.StatusOK, status)

	successful := func(want string) func() bool {
		return func() bool {
			_, body := get("/metrics", "sesame")
			return strings.Contains(body, "hindcast_config_last_reload_successful "+want)
		}
	}
	require.NoError(t, os.WriteFile(config, []byte("incidents: {setle: 5m}\n"), 0o600))
	require.NoError(t, s.Process.Signal(syscall.SIGHUP))
	require.Eventually(t, successful("0"), 20*time.Second, 50*time.Millisecond)
	require.Contains(t, s.told(), `unknown field \"setle\"`)
	require.NoError(t, os.WriteFile(config, []byte("incidents: {settle: 1m}\n"), 0o600))
	require.NoError(t, s.Process.Signal(syscall.SIGHUP))
	require.Eventually(t, successful("1"), 20*time.Second, 50*time.Millisecond)
	s.end(t)
}
