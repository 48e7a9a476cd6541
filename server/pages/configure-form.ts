import { HIDEABLE, LANGUAGES, type Preferences, RESOLUTIONS } from '../../addon/preferences.ts'
import { all, type Html, html } from '../markup/html.ts'
import { type Words, wordsIn } from '../words/install/words.ts'
import type { Language } from '../words/languages.ts'
import { nothing } from './install-section.ts'

interface FormView {
  readonly language: Language
  readonly root: string
  readonly preferences: Preferences
  readonly providers: readonly string[]
  /** Whether there are catalogs to leave out. */
  readonly manifest: { readonly catalogs: readonly unknown[] }
}

/** A plain GET form; a box that is not ticked is simply not sent. */
export function configureForm(view: FormView): Html {
  const { preferences, providers, language } = view
  const words = wordsIn(language).form
  const any = preferences.resolutions.length === 0
  const hideable = HIDEABLE.filter((one) => one !== 'catalogs' || view.manifest.catalogs.length > 0)
  return html`<form id="preferences" action="${view.root}configure" method="get">
          <input type="hidden" name="chosen" value="1">
          <fieldset class="card">
            <legend>${words.resolutions}</legend>
            <div class="chips">${all(RESOLUTIONS, (one) =>
              chip('resolution', one, any || preferences.resolutions.includes(one), {
                label: words.resolution[one],
              }),
            )}</div>
          </fieldset>
          <fieldset class="card">
            <legend>${words.orderAndSize}</legend>
            <div class="pair">
              <div><label for="sort">${words.order}</label>
                <select id="sort" name="sort">${all(
                  Object.entries(words.sort),
                  ([one, name]) =>
                    html`<option value="${one}"${
                      one === preferences.sort ? SELECTED : nothing
                    }>${name}</option>`,
                )}</select></div>
              <div><label for="size">${words.size}</label>
                <input id="size" name="size" type="text" inputmode="decimal" autocomplete="off" maxlength="8"
                  placeholder="${words.noLimit}" value="${gigabytes(preferences.maxMb)}"></div>
            </div>
          </fieldset>
          ${languages(preferences, language)}
          <fieldset class="card">
            <legend>${words.leaveOut}</legend>
            <div class="rows">${all(hideable, (one) =>
              row(one, preferences.hide.includes(one), words),
            )}</div>
          </fieldset>
          ${providers.length > 1 ? providerBoxes(providers, preferences.without, words) : nothing}
          <div class="actions"><button class="button primary" id="apply" type="submit">${words.apply}</button>
            <a class="button" href="${view.root}configure">${words.startOver}</a></div>
        </form>`
}

function languages({ languages: wanted }: Preferences, language: Language): Html {
  const words = wordsIn(language).form
  const shown = new Intl.DisplayNames([language], { type: 'language' })
  const names = LANGUAGES.map((code) => ({ code, label: shown.of(code) ?? code })).toSorted(
    (a, b) => a.label.localeCompare(b.label, language),
  )
  const said = names.filter(({ code }) => wanted.includes(code)).map(({ label }) => label)
  return html`<fieldset class="card">
            <legend>${words.languages}</legend>
            <p class="soft small">${words.languagesHint}</p>
            <details>
              <summary data-any="${words.anyLanguage}">${said.length > 0 ? said.join(', ') : words.anyLanguage}</summary>
              <div class="chips columns">${all(names, ({ code, label }) =>
                chip('language', code, wanted.includes(code), {
                  label,
                  ...nativeName(code, label),
                }),
              )}</div>
            </details>
          </fieldset>`
}

const providerBoxes = (
  names: readonly string[],
  without: readonly string[],
  words: Words['form'],
): Html => {
  const known: Readonly<Record<string, string>> = {
    catalogue: words.ownCatalogue,
    'archive.org': 'Internet Archive',
  }
  return html`<fieldset class="card">
            <legend>${words.sources}</legend>
            <div class="chips">${all(names, (name) =>
              chip('provider', name, !without.includes(name), { label: known[name] ?? name }),
            )}</div>
          </fieldset>`
}

const CHECKED: Html = { markup: ' checked' }
const SELECTED: Html = { markup: ' selected' }

interface ChipWords {
  readonly label: string
  /** What its speakers call it. */
  readonly native?: string
}

const chip = (name: string, value: string, on: boolean, { label, native }: ChipWords): Html =>
  html`<label class="chip"><input type="checkbox" name="${name}" value="${value}"${
    on ? CHECKED : nothing
  }><span>${label}${native ? html` <span class="soft" lang="${value}">${native}</span>` : nothing}</span></label>`

const row = (one: Preferences['hide'][number], on: boolean, words: Words['form']): Html =>
  html`<label class="row"><input type="checkbox" name="hide" value="${one}"${
    on ? CHECKED : nothing
  }><span>${words.hide[one]}<span class="soft small">${words.hints[one]}</span></span></label>`

function nativeName(code: string, label: string): { readonly native?: string } {
  const native = new Intl.DisplayNames([code], { type: 'language' }).of(code)
  return native === undefined || native === label ? {} : { native }
}

const gigabytes = (mb: number | undefined): string => (mb === undefined ? '' : String(mb / 1000))
