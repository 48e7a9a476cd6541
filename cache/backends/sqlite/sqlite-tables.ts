import type { Database } from './sqlite-database.ts'
import { type EntryTable, entryTable } from './sqlite-entry-table.ts'
import { type ValueTable, valueTable } from './sqlite-value-table.ts'

/** An open database with the statements for its tables. */
export interface Tables {
  readonly database: Database
  readonly entries: EntryTable
  readonly values: ValueTable
}

/** Prepares all statements. @throws SqliteError when the tables are not ours */
export const prepareTables = (database: Database, maxValueBytes: number): Tables => ({
  database,
  entries: entryTable(database),
  values: valueTable(database, maxValueBytes),
})
