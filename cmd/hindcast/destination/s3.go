package destination

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
)

// A bucket gets the files of a report as objects called PREFIX/ID/NAME, the record of the incident last: who finds that
// finds the others.
type bucket struct {
	config    *config.S3Destination
	endpoint  *url.URL
	transport http.RoundTripper
}

func newBucket(c *config.S3Destination, rt http.RoundTripper) (func(context.Context, *Report) (string, error), error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, err
	}
	return (&bucket{config: c, endpoint: u, transport: rt}).send, nil
}

func (b *bucket) send(ctx context.Context, r *Report) (string, error) {
	creds := credentials.NewIAM("") // the role of the machine or pod
	if b.config.AccessKeyFile != "" {
		key, err := secret(b.config.AccessKeyFile)
		if err != nil {
			return "", err
		}
		hidden, err := secret(b.config.SecretKeyFile)
		if err != nil {
			return "", err
		}
		creds = credentials.NewStaticV4(key, hidden, "")
	}
	client, err := minio.New(b.endpoint.Host, &minio.Options{Creds: creds, Secure: b.endpoint.Scheme == "https", Region: b.config.Region, Transport: b.transport, MaxRetries: 3})
	if err != nil {
		return "", err
	}
	files, err := r.all()
	if err != nil {
		return "", err
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(n string) bool { return n == "incident.json" })
	for _, name := range append(names, "incident.json") {
		key := path.Join(b.config.Prefix, r.ID, name)
		kind := mime.TypeByExtension(path.Ext(name))
		if kind == "" {
			kind = "application/octet-stream"
		}
		data := files[name]
		if _, err := client.PutObject(ctx, b.config.Bucket, key, bytes.NewReader(data), int64(len(data)), minio.PutObjectOptions{ContentType: kind}); err != nil {
			return "", fmt.Errorf("putting %s into bucket %s: %w", key, b.config.Bucket, err)
		}
	}
	return b.endpoint.JoinPath(b.config.Bucket, b.config.Prefix, r.ID, "incident.json").String(), nil
}
