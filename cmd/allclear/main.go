// Command allclear is a public status page that tells everybody who must know.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // people choose their zone, also where the machine has none

	"github.com/alecthomas/kong"
)

// Exit codes are for programs: 0 done, 1 failed, 2 misuse.
const (
	exitFailed = 1
	exitMisuse = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// streams are a command's standard input and outputs: out is for programs, err
// for people.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// commands is the command line.
type commands struct {
	Serve        serveCommand        `cmd:"" help:"Serve the status page, the API and the sender."`
	Demo         demoCommand         `cmd:"" help:"Show all of it with a made-up company; nothing leaves this machine."`
	Post         postCommand         `cmd:"" help:"Open an incident, or post an update to one."`
	Resolve      resolveCommand      `cmd:"" help:"Resolve an incident."`
	Undo         undoCommand         `cmd:"" help:"Take the push of an incident's newest update back, before anybody is told."`
	Component    componentCommand    `cmd:"" help:"List the components, or give one a state."`
	Deliveries   deliveriesCommand   `cmd:"" help:"Who was told what, when, and what their server said."`
	Why          whyCommand          `cmd:"" help:"Why somebody was told, or not."`
	Roles        rolesCommand        `cmd:"" help:"Who has which role on an incident, and who gets it."`
	Promises     promisesCommand     `cmd:"" help:"How the promises to speak again were kept."`
	Simulate     simulateCommand     `cmd:"" help:"Who would be told what, and when, in an incident that has not happened."`
	Migrate      migrateCommand      `cmd:"" help:"Bring the database to this program's schema."`
	Token        tokenCommand        `cmd:"" help:"Make, list and revoke tokens of the posting API."`
	Stakeholders stakeholdersCommand `cmd:"" help:"Import and export the register of stakeholders."`
	Erase        eraseCommand        `cmd:"" help:"Forget a person: a pseudonym stays in the ledger, nothing is sent any more."`
	Policy       policyCommand       `cmd:"" help:"Show, change and compare what each quadrant is owed."`
	Suppressions suppressionsCommand `cmd:"" help:"Addresses to which nothing is sent: who left, and dead ones."`
	Bounce       bounceCommand       `cmd:"" help:"Take a report of failed delivery on standard input, from a mail server."`
	Doctor       doctorCommand       `cmd:"" help:"Check the settings, the database and the mail servers, and send a test message."`
	Healthcheck  healthcheckCommand  `cmd:"" help:"Ask a server on this machine whether it is alive."`
	Glossary     glossaryCommand     `cmd:"" help:"Show or replace the company's own words."`
	Lint         lintCommand         `cmd:"" help:"Check whether a text is fit for its readers, without a server."`
	Version      versionCommand      `cmd:"" help:"Print the version."`
}

// misuse is an error of the command line itself.
type misuse struct{ error }

// run is the program: it returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	if err := readSecretFiles(os.Environ(), os.Setenv); err != nil {
		return report(errOut, misuse{err})
	}
	warnUnknown(os.Environ(), errOut)
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("allclear"), kong.Writers(out, errOut),
		kong.Description("A public status page that tells everybody who must know, in words that everybody understands."),
		kong.Exit(func(code int) { exited = code }), kong.UsageOnError())
	if err != nil {
		return report(errOut, err)
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help was answered
		return exited
	}
	if err != nil {
		return report(errOut, misuse{err})
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.Bind(&streams{in, out, errOut})
	return report(errOut, parsed.Run())
}

// report says what went wrong, in one line, and finds the exit code.
func report(w io.Writer, err error) int {
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintf(w, "allclear: %s\n", err) // nobody is left to tell when this fails
	if own := (exit{}); errors.As(err, &own) {
		return own.code
	}
	if errors.As(err, &misuse{}) {
		return exitMisuse
	}
	return exitFailed
}
