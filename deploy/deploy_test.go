// Package deploy holds what hindcast is installed with; its tests hold that to what it is for.
package deploy

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	rbac "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
)

// documents are the YAML documents of all manifests.
func documents(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("kubernetes/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	var all []string
	for _, p := range paths {
		data, err := os.ReadFile(p)
		require.NoError(t, err)
		all = append(all, strings.Split(string(data), "\n---\n")...)
	}
	return all
}

// strict reads a manifest as the API's own type: unknown fields and fields that stand twice are errors.
func strict[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	require.NoError(t, yaml.UnmarshalStrict([]byte(text), &v), text)
	return v
}

// TestManifests reads every manifest as the type of the Kubernetes API that it says it is.
func TestManifests(t *testing.T) {
	kinds := map[string]bool{}
	for _, text := range documents(t) {
		var head struct{ Kind, APIVersion string }
		require.NoError(t, yaml.Unmarshal([]byte(text), &head))
		kinds[head.Kind] = true
		switch head.APIVersion + " " + head.Kind {
		case "batch/v1 CronJob":
			c := strict[batch.CronJob](t, text)
			require.Equal(t, batch.ForbidConcurrent, c.Spec.ConcurrencyPolicy)
			checkPod(t, c.Spec.JobTemplate.Spec.Template.Spec)
		case "apps/v1 Deployment":
			d := strict[apps.Deployment](t, text)
			for name, value := range d.Spec.Selector.MatchLabels {
				require.Equal(t, value, d.Spec.Template.Labels[name])
			}
			checkPod(t, d.Spec.Template.Spec)
		case "v1 Service":
			s := strict[core.Service](t, text)
			require.Equal(t, "serve", s.Spec.Selector["app.kubernetes.io/component"], "the pods of the CronJob are not meant")
		case "v1 ConfigMap":
			m := strict[core.ConfigMap](t, text)
			_, err := config.Parse("hindcast.yml", []byte(m.Data["hindcast.yml"]))
			require.NoError(t, err)
		case "v1 ServiceAccount":
			strict[core.ServiceAccount](t, text)
		case "v1 PersistentVolumeClaim":
			strict[core.PersistentVolumeClaim](t, text)
		case "rbac.authorization.k8s.io/v1 ClusterRole":
			r := strict[rbac.ClusterRole](t, text)
			for _, rule := range r.Rules {
				for _, v := range rule.Verbs {
					require.Contains(t, []string{"get", "list", "watch"}, v, "hindcast only reads")
				}
			}
		case "rbac.authorization.k8s.io/v1 ClusterRoleBinding":
			strict[rbac.ClusterRoleBinding](t, text)
		default:
			t.Fatalf("%s %s is not checked", head.APIVersion, head.Kind)
		}
	}
	for _, k := range []string{"CronJob", "Deployment", "ConfigMap", "Service"} {
		require.True(t, kinds[k], k)
	}
}

// checkPod holds what the API's types cannot: that mounts have their volumes, and that the pod may do little.
func checkPod(t *testing.T, p core.PodSpec) {
	t.Helper()
	require.True(t, *p.SecurityContext.RunAsNonRoot)
	for _, c := range p.Containers {
		require.True(t, *c.SecurityContext.ReadOnlyRootFilesystem)
		require.False(t, *c.SecurityContext.AllowPrivilegeEscalation)
		require.Equal(t, []core.Capability{"ALL"}, c.SecurityContext.Capabilities.Drop)
		for _, m := range c.VolumeMounts {
			require.True(t, slices.ContainsFunc(p.Volumes, func(v core.Volume) bool { return v.Name == m.Name }), m.Name)
		}
		understood(t, c.Args)
	}
}

// understood holds that the program knows a command line.
func understood(t *testing.T, args []string) {
	t.Helper()
	out, err := exec.Command("go", append([]string{"run", "../cmd/hindcast"}, append(slices.Clone(args), "--help")...)...).CombinedOutput()
	require.NoError(t, err, "%s: %s", args, out)
}

var execStart = regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/hindcast (.*)$`)

func TestUnits(t *testing.T) {
	paths, err := filepath.Glob("systemd/*.service")
	require.NoError(t, err)
	require.Len(t, paths, 2)
	dir := t.TempDir()
	for _, p := range append(paths, "systemd/hindcast-watch.timer") {
		data, err := os.ReadFile(p)
		require.NoError(t, err)
		if m := execStart.FindSubmatch(data); m != nil {
			understood(t, strings.Fields(string(m[1])))
		}
		// The program and its user are not on this machine.
		data = bytes.ReplaceAll(data, []byte("/usr/local/bin/hindcast"), []byte("/bin/true"))
		data = bytes.ReplaceAll(data, []byte("User=hindcast"), []byte("User=root"))
		data = bytes.ReplaceAll(data, []byte("Group=hindcast"), []byte("Group=root"))
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(p)), data, 0o600))
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed: the units were not verified")
	}
	for _, name := range []string{"hindcast.service", "hindcast-watch.timer"} {
		c := exec.Command(analyze, "verify", "--man=no", filepath.Join(dir, name))
		c.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+dir+":")
		out, err := c.CombinedOutput()
		require.NoError(t, err, string(out))
		require.NotContains(t, string(out), dir, "it complains about a unit of ours")
	}
}

func TestAlertmanagerConfiguration(t *testing.T) {
	amtool, err := exec.LookPath("amtool")
	if err != nil {
		t.Skip("amtool is not installed")
	}
	out, err := exec.Command(amtool, "check-config", "alertmanager.yml").CombinedOutput()
	require.NoError(t, err, string(out))
	out, err = exec.Command(amtool, "config", "routes", "test", "--config.file=alertmanager.yml", "severity=critical").Output()
	require.NoError(t, err, string(out))
	require.Equal(t, "hindcast,team", strings.TrimSpace(string(out)), "nobody loses their alerts to hindcast")
}

// TestDocuments holds the examples of docs/operations.md to what the program reads.
func TestDocuments(t *testing.T) {
	text, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```yaml\n# hindcast.yml\n(.*?)```").FindAllSubmatch(text, -1)
	require.NotEmpty(t, blocks)
	for _, b := range blocks {
		_, err := config.Parse("hindcast.yml", b[1])
		require.NoError(t, err)
	}
	for _, m := range regexp.MustCompile(`\]\((\.\./[^)#]+)\)`).FindAllSubmatch(text, -1) {
		_, err := os.Stat(filepath.Join("../docs", string(m[1])))
		require.NoError(t, err)
	}
}
