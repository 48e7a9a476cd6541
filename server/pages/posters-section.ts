import { playPath, type Title, titleId, watchPath } from '../../common/title.ts'
import type { PosterTitle } from '../../sources/providers/catalogue/poster-titles.ts'
import { all, type Html, html } from '../markup/html.ts'
import type { Words } from '../words/install/words.ts'
import { nothing } from './install-section.ts'

/** As many as posters.css has. */
const LOOKS = 6

/** The same look for the same title everywhere, and often another for its neighbour. */
function lookOf(title: Title): string {
  const digits = titleId(title).replace(/\D/g, '')
  return String(Number(digits.slice(-9)) % LOOKS)
}

/** Relative to the install page. */
const placeOf = (title: Title, isWatched: boolean): string =>
  (isWatched ? watchPath(title, { number: 0 }) : playPath(title, { number: 'auto' })).slice(1)

/**
 * What can be watched at once, with no app at all. The posters are drawn by a style sheet: a picture from
 * elsewhere would tell that server who looks at what.
 * @param isWatched whether there is a page that plays in any browser (`BROWSER` is not `off`)
 */
export function postersSection(
  titles: readonly PosterTitle[],
  isWatched: boolean,
  words: Words['posters'],
): Html {
  if (titles.length === 0) return nothing
  return html`<section class="card" aria-labelledby="free">
        <h2 id="free">${words.heading}</h2>
        <p class="soft small">${words.hint}</p>
        <ul class="posters">${all(
          titles,
          ({ title, name, year, licence }) => html`
          <li><a class="poster" data-look="${lookOf(title)}" href="${placeOf(title, isWatched)}">
            <bdi class="name">${name}</bdi>
            <span class="about"><span>${year === undefined ? '' : String(year)}</span> <span>${licence ?? ''}</span></span></a></li>`,
        )}
        </ul>
      </section>`
}
