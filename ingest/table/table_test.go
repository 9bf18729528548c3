package table

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
)

func TestGolden(t *testing.T) { documenttest.Golden(t, Recognise, Decode) }

func TestNotRecognised(t *testing.T) { documenttest.NotRecognised(t, Recognise) }

// Tables of logs, requests and changes are none of series.
func TestOtherTables(t *testing.T) {
	for name, head := range map[string]string{
		"logs":     "time,level,message\n1760411700,info,a\n1760411760,info,b\n1760411820,info,c\n",
		"requests": "time,method,path,status,duration\n1760411700,GET,/,200,0.1\n1760411760,GET,/a,200,0.1\n1760411820,GET,/b,200,0.2\n",
		"changes":  "time,service,version,build\n1760411700,a,1.0,1\n1760411760,b,1.1,2\n1760411820,c,1.2,3\n",
		"things":   "time,order,amount\n1760411700,o-1,3\n1760411760,o-2,4\n1760411820,o-3,5\n",
		"no times": "a,b\n1,2\n3,4\n5,6\n",
		"too few":  "time,cpu\n1760411700,1\n1760411760,2\n",
		"prose":    "time,cpu\nwe had none, then some\nand more, then less\nand so, on\n",
	} {
		require.False(t, Recognise([]byte(head)), name)
	}
}

// A row that cannot be read is counted, and the others stand.
func TestBrokenRows(t *testing.T) {
	var b strings.Builder
	b.WriteString("time,cpu,mem\n")
	for i := range probed {
		fmt.Fprintf(&b, "%d,%d,%d\n", 1760411700+60*i, i, 2*i)
	}
	b.WriteString("1760415000,x,1\nnever,1,2\n1760415060,1\n1760415120,\"1\n")
	res := documenttest.Run(t, Decode, strings.NewReader(b.String()), "api.csv")
	require.EqualValues(t, probed, res.Coverage.Kept)
	require.EqualValues(t, 4, res.Coverage.Unparsed)
	require.Len(t, res.Series, 2)
	require.Len(t, res.Series[0].Times, probed)
}

func TestOwners(t *testing.T) {
	for columns, want := range map[string]map[string]string{
		"cart_cpu cart_mem ad_cpu ad_mem":                                             {"cart_cpu": "cart", "cart_mem": "cart", "ad_cpu": "ad", "ad_mem": "ad"},
		"api_latency_p95 api_latency_p50 db_latency_p95 db_latency_p50":               {"api_latency_p95": "api", "api_latency_p50": "api", "db_latency_p95": "db", "db_latency_p50": "db"},
		"ts-order-service_latency-50 ts-order-service_cpu ts-ui_latency-50 ts-ui_cpu": {"ts-order-service_latency-50": "ts-order-service", "ts-order-service_cpu": "ts-order-service", "ts-ui_latency-50": "ts-ui", "ts-ui_cpu": "ts-ui"},
		"order_service_cpu order_service_mem cart_service_cpu cart_service_mem":       {"order_service_cpu": "order_service", "order_service_mem": "order_service", "cart_service_cpu": "cart_service", "cart_service_mem": "cart_service"},
		"cpu_usage mem_usage":                   {},
		"http_requests_total http_errors_total": {},
	} {
		require.Equal(t, want, ownersOf(strings.Fields(columns)), columns)
	}
}

func TestOwnerIn(t *testing.T) {
	for file, want := range map[string]string{
		"api": "api", "api_metrics": "api", "metrics": "", "orders-db_stats": "orders-db", "cpu": "", "metrics_2025-10-14": "", "a_b": "", "": "",
	} {
		require.Equal(t, want, ownerIn(file), file)
	}
}

func FuzzDecode(f *testing.F) { documenttest.Fuzz(f, Recognise, Decode) }
