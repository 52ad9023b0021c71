package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

type policyCommand struct {
	Show     policyShowCommand     `cmd:"" help:"Print the policy in force, or an earlier version."`
	Import   policyImportCommand   `cmd:"" help:"Put a policy into force."`
	Export   policyExportCommand   `cmd:"" help:"Write the policy in force to a file."`
	Diff     policyDiffCommand     `cmd:"" help:"Say what a file or a version would change."`
	Versions policyVersionsCommand `cmd:"" help:"List the versions."`
	Schema   policySchemaCommand   `cmd:"" help:"Print the JSON Schema of a policy, for editors."`
}

type policyShowCommand struct {
	database `embed:""`
	Version  int64 `name:"version" help:"Number of the version; left out, the one in force."`
}

// Run prints a policy as it was written.
func (c *policyShowCommand) Run(ctx context.Context, s *streams) error {
	if c.Version < 0 {
		return misuse{errors.New("--version must be a number from 1")}
	}
	return c.withStore(ctx, true, func(_ *store.Store, p *publish.Publisher) error {
		policy, err := p.Policy(ctx, c.Version)
		if err != nil {
			return versionWords(err, c.Version)
		}
		_, err = s.out.Write(policy.Document())
		return err
	})
}

// versionWords says which version there is none of.
func versionWords(err error, versions ...int64) error {
	if !errors.Is(err, status.ErrNotFound) {
		return err
	}
	var names []string
	for _, v := range versions {
		if v != 0 {
			names = append(names, strconv.FormatInt(v, 10))
		}
	}
	return fmt.Errorf("there is no version %s of the policy; \"allclear policy versions\" lists them", strings.Join(names, " or "))
}

type policyImportCommand struct {
	database `embed:""`
	DryRun   bool   `name:"dry-run" help:"Only print what would change."`
	Reason   string `name:"reason" help:"Why it changes, for the audit log and the list of versions."`
	File     string `arg:"" help:"policy.yaml, or - for standard input."`
}

// Run prints what changes, whom it concerns and what to know, and puts the
// policy into force unless it is a dry run.
func (c *policyImportCommand) Run(ctx context.Context, s *streams) error {
	document, err := readInput(c.File, s.in)
	if err != nil {
		return err
	}
	return c.withStore(ctx, false, func(_ *store.Store, p *publish.Publisher) error {
		plan, err := p.ImportPolicy(ctx, operator, document, c.Reason, c.DryRun)
		if err != nil {
			return faults(err)
		}
		if err := printPolicyPlan(s, plan); err != nil {
			return err
		}
		words := fmt.Sprintf("version %d is in force", plan.To.Version)
		switch {
		case !plan.New:
			words = fmt.Sprintf("version %d is in force already", plan.To.Version)
		case c.DryRun:
			words = fmt.Sprintf("version %d stays in force: this was a dry run", plan.From.Version)
		}
		_, err = fmt.Fprintln(s.err, words)
		return err
	})
}

// faults puts each fault of a file on a line of its own.
func faults(err error) error {
	var invalid *status.Invalid
	if !errors.As(err, &invalid) || len(invalid.Fields) < 2 {
		return err
	}
	lines := make([]string, len(invalid.Fields))
	for i, f := range invalid.Fields {
		lines[i] = "  " + f.Message
	}
	return fmt.Errorf("the file has %d faults:\n%s", len(lines), strings.Join(lines, "\n"))
}

// printPolicyPlan prints the changes for programs, and the rest for people.
func printPolicyPlan(s *streams, plan publish.PolicyPlan) error {
	for _, change := range plan.Changes {
		if _, err := fmt.Fprintln(s.out, change); err != nil {
			return err
		}
	}
	if err := printConcerned(s.err, plan); err != nil {
		return err
	}
	for _, sentence := range plan.Warnings {
		if _, err := fmt.Fprintln(s.err, "warning: "+sentence); err != nil {
			return err
		}
	}
	return nil
}

func printConcerned(w io.Writer, plan publish.PolicyPlan) error {
	switch {
	case !plan.New:
		_, err := fmt.Fprintln(w, "nothing to change")
		return err
	case len(plan.Changes) == 0:
		_, err := fmt.Fprintln(w, "only comments or layout change")
		return err
	}
	for _, one := range plan.Concerned {
		if _, err := fmt.Fprintf(w, "concerns %s: %s, %s\n", one.Quadrant, counted(one.Entries, "entry", "entries"), counted(int(one.Subscribers), "subscriber", "subscribers")); err != nil {
			return err
		}
	}
	return nil
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

type policyExportCommand struct {
	database `embed:""`
	File     string `arg:"" help:"Where to write, or - for standard output."`
}

// Run writes the policy in force as it was imported, comments and all.
func (c *policyExportCommand) Run(ctx context.Context, s *streams) error {
	return c.withStore(ctx, true, func(_ *store.Store, p *publish.Publisher) error {
		policy, err := p.Policy(ctx, 0)
		if err != nil {
			return err
		}
		if c.File == "-" {
			_, err = s.out.Write(policy.Document())
			return err
		}
		return os.WriteFile(c.File, policy.Document(), 0o600)
	})
}

type policyDiffCommand struct {
	database `embed:""`
	From     string `arg:"" optional:"" help:"A file, which is compared with what is in force; or a version. Left out: the default policy."`
	To       string `arg:"" optional:"" help:"The version to compare with; left out, the one in force."`
}

// Run says what changes from one policy to another.
func (c *policyDiffCommand) Run(ctx context.Context, s *streams) error {
	from, err := c.version(c.From)
	var document []byte
	if err != nil && c.To == "" {
		document, err = readInput(c.From, s.in)
		if errors.Is(err, fs.ErrNotExist) {
			return misuse{fmt.Errorf("%s is neither a file nor a version's number", c.From)}
		}
	}
	if err != nil {
		return err
	}
	to, err := c.version(c.To)
	if err != nil {
		return err
	}
	return c.withStore(ctx, true, func(_ *store.Store, p *publish.Publisher) error {
		plan, err := func() (publish.PolicyPlan, error) {
			if document != nil {
				return p.ComparePolicy(ctx, document)
			}
			return p.ComparePolicyVersions(ctx, from, to)
		}()
		if err != nil {
			return faults(versionWords(err, from, to))
		}
		return printPolicyPlan(s, plan)
	})
}

// version reads a version's number; none is 0.
func (c *policyDiffCommand) version(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, misuse{fmt.Errorf("%s is not the number of a version", text)}
	}
	return n, nil
}

type policyVersionsCommand struct {
	database `embed:""`
}

// Run lists the versions, the newest first, which is in force.
func (c *policyVersionsCommand) Run(ctx context.Context, s *streams) error {
	return c.withStore(ctx, true, func(st *store.Store, _ *publish.Publisher) error {
		versions, err := st.PolicyVersions(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "VERSION\tSINCE\tBY\tNAME\tREASON") // Flush reports what failed
		for _, v := range versions {
			_, _ = fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", v.Version, v.CreatedAt.UTC().Format("2006-01-02 15:04 UTC"), v.By, v.Name, v.Reason)
		}
		return w.Flush()
	})
}

type policySchemaCommand struct{}

// Run prints the schema that editors check a policy with.
func (policySchemaCommand) Run(s *streams) error {
	_, err := s.out.Write(stakeholders.PolicySchema())
	return err
}
