package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"text/template"

	"github.com/allclear-status/allclear/bench"
)

//go:embed nginx.conf
var configuration string

var configurationTemplate = template.Must(template.New("nginx.conf").Parse(configuration))

// nginx is a server of our own, beside the one that the machine may have.
type nginx struct {
	folder  string
	url     string
	process *bench.Process
}

// startNginx copies the paths from our server into files and serves those.
func startNginx(ctx context.Context, from string, paths []string) (n *nginx, err error) {
	binary, err := exec.LookPath("nginx")
	if err != nil {
		return nil, err
	}
	n = &nginx{}
	if n.folder, err = os.MkdirTemp("", "allclear-bench-nginx-*"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start nginx: %w", err), n.stop())
		}
	}()
	if err := os.Chmod(n.folder, 0o755); err != nil { // its workers are another user
		return nil, err
	}
	for _, p := range paths {
		if err := n.copy(ctx, from, p); err != nil {
			return nil, err
		}
	}
	address, err := bench.FreeAddress()
	if err != nil {
		return nil, err
	}
	n.url = "http://" + address
	config, err := n.configure(binary, address)
	if err != nil {
		return nil, err
	}
	if n.process, err = bench.Start(nil, binary, "-e", "stderr", "-p", n.folder, "-c", config, "-g", "daemon off;"); err != nil {
		return nil, err
	}
	if err := bench.WaitFor(ctx, n.url+paths[0], n.process); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, n.process.Said())
	}
	return n, n.compare(ctx, from, paths)
}

func (n *nginx) stop() error {
	var err error
	if n.process != nil {
		err = n.process.Stop()
	}
	return errors.Join(err, os.RemoveAll(n.folder))
}

// copy saves one path, plain and compressed, as gzip_static wants them.
func (n *nginx) copy(ctx context.Context, from, urlPath string) error {
	file := filepath.Join(n.folder, "www", filepath.FromSlash(path.Clean("/"+urlPath)))
	if strings.HasSuffix(urlPath, "/") {
		file = filepath.Join(file, "index.html")
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	for encoding, suffix := range map[string]string{"identity": "", "gzip": ".gz", "br": ".br"} {
		document, err := getAs(ctx, from+urlPath, encoding)
		if err != nil {
			return err
		}
		if suffix != "" && document.encoding != encoding {
			return fmt.Errorf("%s is not served as %s", urlPath, encoding)
		}
		if err := os.WriteFile(file+suffix, document.body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (n *nginx) configure(binary, address string) (string, error) {
	// Beside the binary, whether installed or unpacked somewhere.
	module := filepath.Join(filepath.Dir(binary), "../lib/nginx/modules/ngx_http_brotli_static_module.so")
	if _, err := os.Stat(module); err != nil {
		module = "" // gzip is what is measured
	}
	var text bytes.Buffer
	if err := configurationTemplate.Execute(&text, map[string]any{
		"Folder": n.folder, "Address": address, "Workers": runtime.NumCPU(), "Brotli": module,
	}); err != nil {
		return "", err
	}
	file := filepath.Join(n.folder, "nginx.conf")
	return file, os.WriteFile(file, text.Bytes(), 0o644)
}

// compare makes sure that both serve the same.
func (n *nginx) compare(ctx context.Context, with string, paths []string) error {
	for _, p := range paths {
		ours, err := get(ctx, with+p)
		if err != nil {
			return err
		}
		theirs, err := get(ctx, n.url+p)
		if err != nil {
			return err
		}
		if theirs.encoding != "gzip" || !bytes.Equal(ours.body, theirs.body) {
			return fmt.Errorf("nginx does not serve %s as allclear does", p)
		}
		plain, err := getAs(ctx, with+p, "identity")
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s: %d bytes, %d in gzip\n", p, len(plain.body), len(ours.body))
	}
	return nil
}
