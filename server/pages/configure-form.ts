import { HIDEABLE, LANGUAGES, type Preferences, RESOLUTIONS } from '../../addon/preferences.ts'
import { type Html, html } from './html.ts'
import { nothing } from './install-section.ts'

type Named<T extends string> = Readonly<Record<T, string>>

const RESOLUTION_NAMES: Named<Preferences['resolutions'][number]> = {
  '2160': '4K (2160p)',
  '1440': '1440p',
  '1080': 'Full HD (1080p)',
  '720': 'HD (720p)',
  sd: 'SD (576p and less)',
  unknown: 'Not stated',
}

const SORT_NAMES: Named<Preferences['sort']> = {
  best: 'Ready first, then the best',
  quality: 'Highest resolution first',
  small: 'Smallest file first',
  large: 'Largest file first',
  seeders: 'Most seeders first',
}

const HIDE_NAMES: Named<Preferences['hide'][number]> = {
  remote: 'What this server does not have yet',
  camera: 'Copies filmed in a cinema',
  direct: 'Direct links to other servers',
  auto: 'The entry "Auto"',
  catalogs: 'The catalogs of this server',
}

const HIDE_HINTS: Named<Preferences['hide'][number]> = {
  remote: 'Leaves what plays at once. New films then appear only after somebody else played them.',
  camera: 'Cam, telesync and screener releases.',
  direct: 'Those servers would see your address.',
  auto: 'It tries several sources of your list by itself and plays the first that answers.',
  catalogs: 'The rows on the home screen; lists of sources stay.',
}

interface FormView {
  readonly root: string
  readonly preferences: Preferences
  readonly providers: readonly string[]
  /** Whether there are catalogs to leave out. */
  readonly manifest: { readonly catalogs: readonly unknown[] }
}

/** A plain GET form; a box that is not ticked is simply not sent. */
export function configureForm(view: FormView): Html {
  const { preferences, providers } = view
  const any = preferences.resolutions.length === 0
  const hideable = HIDEABLE.filter((one) => one !== 'catalogs' || view.manifest.catalogs.length > 0)
  return html`<form id="preferences" action="${view.root}configure" method="get">
          <input type="hidden" name="chosen" value="1">
          <fieldset class="card">
            <legend>Resolutions</legend>
            <div class="chips">${all(RESOLUTIONS, (one) =>
              chip('resolution', one, any || preferences.resolutions.includes(one), {
                label: RESOLUTION_NAMES[one],
              }),
            )}</div>
          </fieldset>
          <fieldset class="card">
            <legend>Order and size</legend>
            <div class="pair">
              <div><label for="sort">Order of the list</label>
                <select id="sort" name="sort">${all(
                  Object.entries(SORT_NAMES),
                  ([one, name]) =>
                    html`<option value="${one}"${
                      one === preferences.sort ? SELECTED : nothing
                    }>${name}</option>`,
                )}</select></div>
              <div><label for="size">Largest size in GB</label>
                <input id="size" name="size" type="text" inputmode="decimal" autocomplete="off" maxlength="8"
                  placeholder="No limit" value="${gigabytes(preferences.maxMb)}"></div>
            </div>
          </fieldset>
          ${languages(preferences)}
          <fieldset class="card">
            <legend>Leave out</legend>
            <div class="rows">${all(hideable, (one) =>
              row(one, preferences.hide.includes(one)),
            )}</div>
          </fieldset>
          ${providers.length > 1 ? providerBoxes(providers, preferences.without) : nothing}
          <div class="actions"><button class="button primary" id="apply" type="submit">Make my address</button>
            <a class="button" href="${view.root}configure">Start over</a></div>
        </form>`
}

function languages({ languages: wanted }: Preferences): Html {
  const names = LANGUAGES.map((code) => ({ code, label: english.of(code) ?? code })).toSorted(
    (a, b) => a.label.localeCompare(b.label, 'en'),
  )
  const said = names.filter(({ code }) => wanted.includes(code)).map(({ label }) => label)
  return html`<fieldset class="card">
            <legend>Languages</legend>
            <p class="soft small">With none chosen, all. Else what is said to be in other languages only is left out;
            what says nothing of its language stays, after what does.</p>
            <details>
              <summary>${said.length > 0 ? said.join(', ') : 'Any language'}</summary>
              <div class="chips columns">${all(names, ({ code, label }) =>
                chip('language', code, wanted.includes(code), { label, ...nativeName(code) }),
              )}</div>
            </details>
          </fieldset>`
}

const PROVIDER_NAMES: Readonly<Record<string, string>> = {
  catalogue: "The server's own catalogue",
  'archive.org': 'Internet Archive',
}

const providerBoxes = (names: readonly string[], without: readonly string[]): Html =>
  html`<fieldset class="card">
            <legend>Sources from</legend>
            <div class="chips">${all(names, (name) =>
              chip('provider', name, !without.includes(name), {
                label: PROVIDER_NAMES[name] ?? name,
              }),
            )}</div>
          </fieldset>`

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

const row = (one: Preferences['hide'][number], on: boolean): Html =>
  html`<label class="row"><input type="checkbox" name="hide" value="${one}"${
    on ? CHECKED : nothing
  }><span>${HIDE_NAMES[one]}<span class="soft small">${HIDE_HINTS[one]}</span></span></label>`

function all<T>(items: readonly T[], part: (item: T) => Html): Html {
  return { markup: items.map((item) => part(item).markup).join('\n') }
}

const english = new Intl.DisplayNames(['en'], { type: 'language' })

function nativeName(code: string): { readonly native?: string } {
  const native = new Intl.DisplayNames([code], { type: 'language' }).of(code)
  return native === undefined || native === english.of(code) ? {} : { native }
}

const gigabytes = (mb: number | undefined): string => (mb === undefined ? '' : String(mb / 1000))
