import type { Page } from 'playwright-core'
import type { Language } from '../../../server/words/languages.ts'
import { operatorIn } from '../../../server/words/operator/words.ts'
import { statusIn } from '../../../server/words/status/words.ts'

/** Every text that somebody may see or hear, but those that say of themselves that they are English. */
const TEXTS = `(() => {
  const texts = []
  const isMarked = (element) => element.closest('body [lang="en"]') !== null
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const { parentElement, data } = walker.currentNode
    if (!isMarked(parentElement) && parentElement.tagName !== 'NOSCRIPT') texts.push(data.trim())
  }
  for (const element of document.querySelectorAll('body [aria-label], body [title]')) {
    if (isMarked(element)) continue
    texts.push(element.getAttribute('aria-label') ?? '', element.getAttribute('title') ?? '')
  }
  return texts.filter(Boolean)
})()`

const stringsIn = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : Object.values(value as object).flatMap(stringsIn)

const saidIn = (language: Language): string[] =>
  stringsIn([statusIn(language), operatorIn(language)])

/** A sentence with anything for its marks, where no letter stands before or behind it. */
function patternOf(text: string): RegExp {
  const parts = text
    .split(/\{\w+\}|<\/?\w+>/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`(?<!\\p{L})${parts.join('.+')}(?!\\p{L})`, 'u')
}

/** What the status page says in the words of English, where the language has others. */
export async function englishOn(page: Page, language: Language): Promise<string[]> {
  const own = new Set(saidIn(language))
  const english = saidIn('en').filter((text) => !own.has(text) && /[a-z]{3}/.test(text))
  const patterns = english.map(patternOf)
  const texts = await page.evaluate<string[]>(TEXTS)
  return texts.filter((text) => patterns.some((pattern) => pattern.test(text)))
}
