import { readFileSync, writeFileSync } from 'node:fs'
import { between } from '../../bench/strangers/report.ts'
import { markdownTable, tableRows } from '../docs/markdown-table.ts'
import type { Heard } from '../support/films/kinds.ts'
import { type Cell, cells, rows, SOUNDS, type Sound } from './cells.ts'

const PAGE = 'docs/browsers.md'
const PAGE_URL = new URL(`../../${PAGE}`, import.meta.url)
export const BROWSER_NAMES = ['Chromium', 'Firefox'] as const
type BrowserName = (typeof BROWSER_NAMES)[number]
type Place = Pick<Cell, 'row' | 'sound'>

/** What the page did for a cell: `file` (as it is), `copied`, `encoded`; else what is wrong. */
function wordOf(heard: Heard | Error): string {
  if (heard instanceof Error) return '**no**'
  if (heard.frames === 0) return '**black**'
  if (heard.loudest < 5) return '**silent**'
  return heard.way
}

const isPlayed = (word: string): boolean => !word.startsWith('**')
const placeName = ({ row, sound }: Place): string => `${row.name}, ${sound}`

/** The browsers' words in one cell, once where both say the same. */
function cellOf(words: readonly (readonly [BrowserName, string])[]): string {
  const [first, second] = words
  if (first && second && first[1] === second[1]) return first[1]
  return words.map(([browser, word]) => `${browser}: ${word}`).join(', ')
}

/** A browser's word in a cell that cellOf wrote. */
function wordIn(cell: string, browser: BrowserName): string | undefined {
  if (cell === '' || !cell.includes(':')) return cell || undefined
  const own = cell.split(', ').find((part) => part.startsWith(`${browser}: `))
  return own?.slice(browser.length + 2)
}

/** What a run found out; what it left out stays on the page as it was. */
export class BrowserTable {
  readonly #found = new Map<BrowserName, Map<string, string>>()

  note(browser: BrowserName, place: Place, heard: Heard | Error): void {
    const ofBrowser = this.#found.get(browser) ?? new Map<string, string>()
    this.#found.set(browser, ofBrowser.set(placeName(place), wordOf(heard)))
  }

  /** Puts the table into docs/browsers.md. */
  write(): void {
    const page = readFileSync(PAGE_URL, 'utf8')
    writeFileSync(PAGE_URL, between(page, 'test:browsers', this.#text(wordsBefore(page))))
  }

  #text(before: (browser: BrowserName, place: Place) => string | undefined): string {
    const wordOf = (browser: BrowserName, place: Place): string | undefined =>
      this.#found.get(browser)?.get(placeName(place)) ?? before(browser, place)
    const counts = BROWSER_NAMES.map((browser) => {
      const played = cells.filter((cell) => isPlayed(wordOf(browser, cell) ?? '**'))
      return `${browser} ${played.length} of ${cells.length}`
    })
    const textOf = (row: Cell['row'], sound: Sound): string => {
      if (!row.sounds.includes(sound)) return ''
      const words = BROWSER_NAMES.map(
        (browser) => [browser, wordOf(browser, { row, sound })] as const,
      )
      return cellOf(words.flatMap(([browser, word]) => (word ? [[browser, word] as const] : [])))
    }
    const head = ['film', ...SOUNDS]
    const body = rows.map((row) => [row.name, ...SOUNDS.map((sound) => textOf(row, sound))])
    return `With picture and sound: ${counts.join(', ')}.\n\n${markdownTable(head, body)}`
  }
}

function wordsBefore(page: string) {
  const table = page.includes('| film | ') ? tableRows(PAGE, 'film') : []
  return (browser: BrowserName, { row, sound }: Place): string | undefined => {
    const line = table.find(([name]) => name === row.name)
    return wordIn(line?.[1 + SOUNDS.indexOf(sound)] ?? '', browser)
  }
}
