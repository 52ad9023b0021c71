# Build: docker build -t allclear .
# Run:   docker run -p 8080:8080 -v allclear:/data allclear
FROM golang:1.26-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates tzdata
# Scratch has no command to make a folder. /data is for the volume, which takes
# its owner; /tmp is for what SQLite and the server put aside.
RUN mkdir -p /out/data /out/tmp
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /out/allclear ./cmd/allclear

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY --from=build /out/allclear /allclear
USER 65532:65532
ENV ALLCLEAR_LISTEN=:8080 ALLCLEAR_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/allclear", "healthcheck"]
ENTRYPOINT ["/allclear"]
CMD ["serve"]
