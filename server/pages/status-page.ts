import { readFileSync } from 'node:fs'
import { escaped, type Html } from '../markup/html.ts'
import type { Language } from '../words/languages.ts'
import { operatorIn } from '../words/operator/words.ts'
import { progressIn } from '../words/progress/words.ts'
import { refusalsIn } from '../words/refusals/words.ts'
import { statusIn } from '../words/status/words.ts'
import { wordsMeta } from './page-frame.ts'

const read = (place: string): string => readFileSync(new URL(place, import.meta.url), 'utf8')
/** The viewers' part, which is the frame of the page, and the operators' part in its place. */
const TEMPLATE = read('./test-source-selection.html').replace(
  /^ *<!-- operator -->\n/m,
  read('./operators-part.html'),
)

type Said = Readonly<Record<string, string | Html>>

/** The page of `/test-source-selection`, all of it in the language. */
export function statusPage(language: Language): string {
  const viewers = statusIn(language)
  const operator = operatorIn(language)
  const words = {
    progress: progressIn(language),
    status: viewers.script,
    operator: operator.script,
    refusals: refusalsIn(language),
  }
  const said: Readonly<Record<string, Said>> = {
    viewers: viewers.page,
    operator: operator.page,
  }
  return TEMPLATE.replace('<html lang="en">', `<html lang="${language}">`)
    .replace('<!-- words -->', () => wordsMeta(words).markup.trim())
    .replace(/\{\{(?:(\w+)\.)?(\w+)\}\}/g, (_, part: string = 'viewers', name: string) => {
      const text = said[part]?.[name] ?? ''
      return typeof text === 'string' ? escaped(text) : text.markup
    })
}
