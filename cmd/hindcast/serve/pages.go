package serve

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/render"
)

// A view is an incident as the API and the list show it.
type view struct {
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	State      archive.State `json:"state"`
	From       time.Time     `json:"from"`
	To         time.Time     `json:"to"`
	Components []string      `json:"components"`
	// Due is when the report will be made, for those that settle or wait.
	Due        *time.Time       `json:"due,omitempty"`
	Made       *time.Time       `json:"made,omitempty"`
	Verdict    string           `json:"verdict,omitempty"`
	Suspect    string           `json:"suspect,omitempty"`
	Confidence float64          `json:"confidence,omitempty"`
	Report     string           `json:"report,omitempty"`
	Failure    *archive.Failure `json:"failure,omitempty"`
	Firings    []archive.Firing `json:"firings,omitempty"`
	Files      []string         `json:"files,omitempty"`
	Story      []string         `json:"story,omitempty"`
}

// views are all incidents, the latest first: those that are planned, and those that have a report.
func (s *Server) views() []view {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []view
	planned := map[string]bool{}
	for _, p := range s.plan {
		if p.State == archive.IsOld {
			continue
		}
		planned[p.ID] = true
		v := view{State: p.State, Failure: p.Failure}
		v.fill(archive.RecordOf(&p.Incident))
		if r, ok := s.records[p.ID]; ok {
			v.fill(r)
			v.To = event.Time(p.To)
		}
		if !p.At.IsZero() {
			v.Due = &p.At
		}
		all = append(all, v)
	}
	for id, r := range s.records {
		if !planned[id] {
			v := view{State: archive.IsMade}
			v.fill(r)
			all = append(all, v)
		}
	}
	slices.SortFunc(all, func(a, b view) int {
		if c := b.From.Compare(a.From); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}

func (v *view) fill(r archive.Record) {
	v.ID, v.Name, v.From, v.To, v.Firings = r.ID, r.Name, r.From, r.To, r.Firings
	v.Components = append([]string{}, r.Components...) // a list in JSON, never null
	if r.Made.IsZero() {
		return
	}
	v.Made, v.Verdict, v.Suspect, v.Confidence, v.Report, v.Story = &r.Made, r.Verdict, r.Suspect, r.Confidence, "/reports/"+r.ID, r.Story
	for name := range r.Files {
		v.Files = append(v.Files, name)
	}
	slices.Sort(v.Files)
}

// Handler answers all requests.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, k := range kinds {
		mux.Handle("/api/v1/webhook/"+k.name, s.webhook(k))
	}
	mux.HandleFunc("GET /api/v1/incidents", s.list)
	mux.HandleFunc("GET /api/v1/incidents/{id}", s.one)
	mux.HandleFunc("GET /reports/{id}", s.showReport)
	mux.HandleFunc("GET /reports/{id}/{file}", s.file)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "healthy\n") })
	mux.HandleFunc("GET /-/ready", s.isReady)
	mux.HandleFunc("POST /-/reload", s.reload)
	mux.HandleFunc("GET /{$}", s.index)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		mux.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

func answerJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // one that has gone away need not be told
}

func (s *Server) list(w http.ResponseWriter, _ *http.Request) {
	all := s.views()
	for i := range all {
		all[i].Firings, all[i].Files, all[i].Story = nil, nil, nil
	}
	if all == nil {
		all = []view{}
	}
	answerJSON(w, map[string]any{"incidents": all})
}

func (s *Server) one(w http.ResponseWriter, r *http.Request) {
	all := s.views()
	i := slices.IndexFunc(all, func(v view) bool { return v.ID == r.PathValue("id") })
	if i < 0 {
		http.NotFound(w, r)
		return
	}
	answerJSON(w, all[i])
}

// showReport shows a report as a page, made anew from the result: its policy allows the style and script of this version.
func (s *Server) showReport(w http.ResponseWriter, r *http.Request) {
	rec, err := s.Archive.Record(r.PathValue("id"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	f, err := os.Open(s.Archive.Path(rec.ID, "report.json"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	t, err := render.Read(f)
	if err != nil {
		s.Log.Error("showing a report", "incident", rec.ID, "err", err)
		http.Error(w, "the report cannot be read", http.StatusInternalServerError)
		return
	}
	var page bytes.Buffer
	if err := render.Write(&page, "html", t, render.Options{Incident: rec.ID, Generated: rec.Made}); err != nil {
		s.Log.Error("showing a report", "incident", rec.ID, "err", err)
		http.Error(w, "the report cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", render.PagePolicy()+"; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page.Bytes())
}

// file hands out one file of a report, to be saved: a browser is not to run what stands in it.
func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	rec, err := s.Archive.Record(r.PathValue("id"))
	name := r.PathValue("file")
	if _, ok := rec.Files[name]; err != nil || !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": rec.ID + filepath.Ext(name)}))
	http.ServeFile(w, r, s.Archive.Path(rec.ID, name))
}

func (s *Server) isReady(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	ready := s.ready
	s.mu.Unlock()
	if !ready {
		answer(w, http.StatusServiceUnavailable, "reading received events\n")
		return
	}
	answer(w, http.StatusOK, "ready\n")
}

func (s *Server) reload(w http.ResponseWriter, _ *http.Request) {
	if !s.Lifecycle {
		answer(w, http.StatusForbidden, "start with --web.enable-lifecycle to reload over HTTP\n")
		return
	}
	if err := s.Reconfigure(); err != nil {
		answer(w, http.StatusInternalServerError, err.Error()+"\n")
		return
	}
	answer(w, http.StatusOK, "reloaded\n")
}

// Reconfigure reads the configuration again. One with a fault is told and not used.
func (s *Server) Reconfigure() error {
	err := s.Reload()
	if err != nil {
		s.metrics.reloadOK.Set(0)
		s.Log.Error("the configuration was not reloaded", "err", err)
		return err
	}
	s.metrics.reloadOK.Set(1)
	s.Log.Info("configuration reloaded")
	return nil
}

var (
	//go:embed page/index.html
	indexText string
	//go:embed page/index.css
	indexStyle string

	indexPage = template.Must(template.New("index").Parse(indexText))
)

// index lists all incidents.
func (s *Server) index(w http.ResponseWriter, _ *http.Request) {
	var page bytes.Buffer
	err := indexPage.Execute(&page, map[string]any{
		"Style": template.CSS(indexStyle), "Incidents": s.views(), "Version": s.Version, //nolint:gosec // our own file
	})
	if err != nil {
		s.Log.Error("listing incidents", "err", err)
		http.Error(w, "the list cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-"+render.SourceHash(indexStyle)+"'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(page.Bytes())
}
