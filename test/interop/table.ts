import { readFileSync, writeFileSync } from 'node:fs'
import { between } from '../../bench/strangers/report.ts'
import { markdownTable, tableRows } from '../docs/markdown-table.ts'
import type { Outcome } from './cell.ts'
import type { Client } from './clients/client.ts'
import { situations } from './situations.ts'

const PAGE = 'docs/swarms.md'
const PAGE_URL = new URL(`../../${PAGE}`, import.meta.url)
export const NOT_THERE = 'not there'
const NOT_TRIED = 'not tried'

/** One cell's text. */
export function textOf({ firstByteMs, ofLibtorrent }: Outcome): string {
  const parts = [
    firstByteMs === undefined ? '' : `${Math.round(firstByteMs)} ms`,
    ofLibtorrent === undefined ? '' : `${ofLibtorrent.toFixed(1)} x`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'yes' : `yes: ${parts.join(', ')}`
}

/** The first line of what went wrong, short and fit for a table. */
export const failureOf = (error: unknown): string =>
  `**no**: ${String(error)
    .replace(/^(\w*Error): /, '')
    .split('\n')[0]
    ?.replaceAll('|', '/')
    .slice(0, 60)}`

/** What a run found out, by client and situation; what it left out stays on the page as it was. */
export class InteropTable {
  readonly #found = new Map<string, Map<string, string>>()

  note(client: Client, situation: string, text: string): void {
    const row = this.#found.get(client.name) ?? new Map<string, string>()
    this.#found.set(client.name, row.set(situation, text))
  }

  /** Puts the table into docs/swarms.md. */
  write(clients: readonly Client[], day: string): void {
    const page = readFileSync(PAGE_URL, 'utf8')
    writeFileSync(PAGE_URL, between(page, 'test:interop', this.#text(clients, day)))
  }

  #text(clients: readonly Client[], day: string): string {
    const names = situations.map(({ name }) => name)
    const head = ['client', 'run', ...names]
    const rows = clients.map((client) => this.#row(client, names, day))
    const list = situations.map(({ name, what }) => `- *${name}*: ${what}`)
    return [markdownTable(head, rows), '', ...list].join('\n')
  }

  #row(client: Client, names: readonly string[], day: string): readonly string[] {
    const found = this.#found.get(client.name)
    const version = client.version()
    const [label = '', run = '', ...cells] = rowOf(client)
    const columns = columnsBefore()
    const before = (name: string): string => cells[columns.indexOf(name)] ?? NOT_TRIED
    const row = names.map((name) => found?.get(name) ?? before(name))
    return found
      ? [`${client.name} ${version ?? ''}`.trim(), day, ...row]
      : [label || client.name, run || day, ...row]
  }
}

const rowOf = (client: Client): readonly string[] =>
  tableRows(PAGE, 'client').find(([name]) => name?.startsWith(client.name)) ?? []

/** The situations that the page's table has now, in its order. */
const columnsBefore = (): readonly string[] =>
  (/^\| client \| run \|(.*)\|$/m.exec(readFileSync(PAGE_URL, 'utf8'))?.[1] ?? '')
    .split('|')
    .map((name) => name.trim())
