package status

import (
	"errors"
	"fmt"
	"strings"
)

// The domain's errors. Everything that is not one of these is internal: the
// reader of an answer sees a plain sentence, the operator the whole chain.
var (
	ErrNotFound  = errors.New("not found")
	ErrConflict  = errors.New("conflict")
	ErrForbidden = errors.New("forbidden")
	// ErrUnavailable is a database that cannot be used at the moment: it is away,
	// or its disk is full.
	ErrUnavailable = errors.New("the database cannot be used")
	// ErrBusy is a database in which others were in the way for too long. Nothing
	// of what was asked was done.
	ErrBusy = errors.New("the database is busy")
)

// FieldError is one field that was refused. Field is the name the sender used
// (for example "incident.name"), Message says what would be right and is fit
// to show.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Invalid is input that was understood but refused: every field at fault, in
// the order found. Nothing of the request was stored.
type Invalid struct {
	Fields []FieldError
}

// NewInvalid refuses one field.
func NewInvalid(field, format string, args ...any) *Invalid {
	return &Invalid{Fields: []FieldError{{Field: field, Message: fmt.Sprintf(format, args...)}}}
}

// Add notes one more field at fault.
func (e *Invalid) Add(field, format string, args ...any) {
	e.Fields = append(e.Fields, FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
}

// Err returns e, or nil when no field was at fault.
func (e *Invalid) Err() error {
	if e == nil || len(e.Fields) == 0 {
		return nil
	}
	return e
}

// Error joins the refusals into one sentence a field.
func (e *Invalid) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Field + ": " + f.Message
	}
	return strings.Join(parts, "; ")
}
