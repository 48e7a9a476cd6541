import { readFileSync } from 'node:fs'
import { escaped } from '../markup/html.ts'
import type { Language } from '../words/languages.ts'
import { progressIn } from '../words/progress/words.ts'
import { refusalsIn } from '../words/refusals/words.ts'
import { statusIn } from '../words/status/words.ts'
import { wordsMeta } from './page-frame.ts'

const TEMPLATE = readFileSync(new URL('./test-source-selection.html', import.meta.url), 'utf8')

/** The page of `/test-source-selection`: its viewers' part in the language, the operator's in English. */
export function statusPage(language: Language): string {
  const { page, script } = statusIn(language)
  const words = {
    progress: progressIn(language),
    status: script,
    refusals: refusalsIn(language),
  }
  const said: Readonly<Record<string, string>> = page
  return TEMPLATE.replaceAll('lang="en" data-translated', `lang="${language}"`)
    .replace('<!-- words -->', wordsMeta(words).markup.trim())
    .replace(/\{\{(\w+)\}\}/g, (_, name: string) => escaped(said[name] ?? ''))
}
