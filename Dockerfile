# The image holds the program, certificates, time zones and nothing else. Build it from a checkout, or from `make release`:
#   docker build --build-arg VERSION=0.1.0 -t hindcast:0.1.0 .
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -ldflags='-s -w -buildid=' -o /hindcast ./cmd/hindcast

# Without git, destinations of the kind git do not work; gcr.io/distroless/static has none.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /hindcast /usr/local/bin/hindcast
USER 65532:65532
VOLUME /var/lib/hindcast
WORKDIR /var/lib/hindcast
EXPOSE 9810
ENTRYPOINT ["/usr/local/bin/hindcast"]
CMD ["serve", "--storage.path", "/var/lib/hindcast"]
