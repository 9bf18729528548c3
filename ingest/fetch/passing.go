package fetch

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
)

// isCertificate tells whether a connection was refused because of the other side's certificate.
func isCertificate(err error) bool {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		record    tls.RecordHeaderError
	)
	return errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &verify) || errors.As(err, &record)
}

// isUnknownHost tells whether the name does not exist, which asking again does not change.
func isUnknownHost(err error) bool {
	var d *net.DNSError
	return errors.As(err, &d) && d.IsNotFound
}
