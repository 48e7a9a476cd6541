import { readFileSync, writeFileSync } from 'node:fs'
import { between } from '../../bench/strangers/report.ts'
import type { Heard } from '../support/films/kinds.ts'
import { cells, rows, SOUNDS, type Sound } from './cells.ts'

const PAGE_URL = new URL('../../docs/browsers.md', import.meta.url)

/** What the page did for a cell: `file` (as it is), `copied`, `encoded`; else what is wrong. */
function wordOf(heard: Heard | Error): string {
  if (heard instanceof Error) return '**no**'
  if (heard.frames === 0) return '**black**'
  if (heard.loudest < 5) return '**silent**'
  return heard.way
}

const isPlayed = (word: string): boolean => !word.startsWith('**')

/** What a run found out: in each cell the browsers' words, once where they agree. */
export class BrowserTable {
  readonly #found = new Map<string, Map<string, string>>()

  note(browser: string, row: string, sound: Sound, heard: Heard | Error): void {
    const ofBrowser = this.#found.get(browser) ?? new Map<string, string>()
    this.#found.set(browser, ofBrowser.set(`${row}, ${sound}`, wordOf(heard)))
  }

  /** Puts the table into docs/browsers.md, whole. */
  write(): void {
    const page = readFileSync(PAGE_URL, 'utf8')
    writeFileSync(PAGE_URL, between(page, 'test:browsers', this.text()))
  }

  text(): string {
    const head = ['film', ...SOUNDS]
    const body = rows.map(({ name }) => [name, ...SOUNDS.map((sound) => this.#cell(name, sound))])
    const lines = [head, head.map(() => '---'), ...body].map((line) => `| ${line.join(' | ')} |`)
    const counts = [...this.#found].map(([browser, words]) => {
      const played = [...words.values()].filter(isPlayed).length
      return `${browser}: ${played} of ${cells.length}`
    })
    return [`With picture and sound: ${counts.join('; ')}.`, '', ...lines].join('\n')
  }

  #cell(row: string, sound: Sound): string {
    const words = [...this.#found].flatMap(([browser, found]) => {
      const word = found.get(`${row}, ${sound}`)
      return word === undefined ? [] : [{ browser, word }]
    })
    const kinds = new Set(words.map(({ word }) => word))
    const [first = ''] = kinds
    if (kinds.size < 2) return first
    return words.map(({ browser, word }) => `${browser}: ${word}`).join(', ')
  }
}
