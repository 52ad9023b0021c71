package notify

// Preview is a message as its reader would get it, without what is personal.
type Preview struct {
	Subject string // empty where the channel has none
	Text    string
	HTML    string // empty where the channel has none
}

// Previewer renders a text the way its channel sends it.
type Previewer func(Text) (Preview, error)
