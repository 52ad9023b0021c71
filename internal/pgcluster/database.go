package pgcluster

import (
	"database/sql"
	"fmt"

	"github.com/lib/pq"
)

// CreateDatabase makes an empty database.
func (c *Cluster) CreateDatabase(name string) error {
	return c.exec("create database "+name, "CREATE DATABASE "+pq.QuoteIdentifier(name))
}

// CreateFromTemplate makes a database that is a copy of another one, which
// nobody may be connected to at that moment.
func (c *Cluster) CreateFromTemplate(name, template string) error {
	return c.exec("create database "+name+" from "+template,
		"CREATE DATABASE "+pq.QuoteIdentifier(name)+" TEMPLATE "+pq.QuoteIdentifier(template))
}

// DropDatabase removes a database, disconnecting whoever uses it.
func (c *Cluster) DropDatabase(name string) error {
	return c.exec("drop database "+name, "DROP DATABASE IF EXISTS "+pq.QuoteIdentifier(name)+" WITH (FORCE)")
}

func (c *Cluster) exec(act, statement string) error {
	admin := c.connection()
	if admin == nil {
		return fmt.Errorf("pgcluster: %s: the cluster is stopped", act)
	}
	if _, err := admin.Exec(statement); err != nil {
		return fmt.Errorf("pgcluster: %s: %w", act, err)
	}
	return nil
}

func (c *Cluster) connection() *sql.DB {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.admin
}
