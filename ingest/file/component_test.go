package file

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNameOf(t *testing.T) {
	for path, want := range map[string][2]string{
		"pricing/pricing-6d5f8b9c47-hx2mq/istio-proxy.log": {"pricing", "pricing-6d5f8b9c47-hx2mq"},
		"shop-5b9c7f4d66-b7ncx/nginx-error.log.gz":         {"shop", "shop-5b9c7f4d66-b7ncx"},
		"ledger-api/ledger-api-7d1f.json.gz":               {"ledger-api", "ledger-api-7d1f"},
		"orders/orders-worker.log":                         {"orders-worker", ""},
		"ledger-db/postgresql.log":                         {"ledger-db", ""},
		"mongo-1/mongod.log":                               {"mongo", "mongo-1"},
		"db-1/postgresql.log":                              {"postgresql", ""},
		"postgresql/postgresql-15-main.log":                {"postgresql", ""},
		"parcels/gunicorn.log":                             {"parcels", ""},
		"gunicorn.log":                                     {"gunicorn", ""},
		"lb-1/haproxy.log":                                 {"haproxy", ""},
		"ingress-nginx/controller.log":                     {"ingress-nginx", ""},
	} {
		service, instance := nameOf(found{path: path, shown: path})
		require.Equal(t, want, [2]string{service, instance}, path)
	}
}
