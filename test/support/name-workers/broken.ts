// A worker of names that does not start.
throw new Error('broken')
