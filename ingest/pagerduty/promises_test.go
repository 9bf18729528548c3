package pagerduty

import (
	"testing"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
)

func TestGolden(t *testing.T) { documenttest.Golden(t, Recognise, Decode) }

func TestNotRecognised(t *testing.T) { documenttest.NotRecognised(t, Recognise) }

func FuzzPromises(f *testing.F) { documenttest.Fuzz(f, Recognise, Decode) }
