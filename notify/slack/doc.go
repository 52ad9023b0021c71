// Package slack sends notices to incoming webhooks that take Slack's format:
// Slack itself, and Mattermost and others that read its plain "text".
//
// The address of an incoming webhook is a secret, for whoever has it can post:
// it never appears in a result or an error of this package.
package slack
