import type { Preferences } from '../../../addon/preferences.ts'
import type { ShownAddresses } from '../../../common/network/short-address.ts'
import type { Html } from '../../markup/html.ts'
import type { Language } from '../languages.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { pt } from './pt.ts'
import { ru } from './ru.ts'

type Named<Key extends string> = Readonly<Record<Key, string>>

/** All that the pages to install and to choose say, in one language. What is missing in another one does not compile. */
export interface Words {
  readonly install: {
    readonly title: (name: string) => string
    readonly subtitle: (version: string) => string
    readonly heading: string
    /** That of manifest.json; an operator's own is shown as it is. */
    readonly description: string
    readonly choose: string
    readonly chooseMore: string
    readonly know: string
    readonly facts: Readonly<
      Record<'swarm' | 'direct' | 'plays', { readonly name: string; readonly text: Html }>
    >
    /** In place of the text of `direct` where DIRECT is not `redirect`. */
    readonly relayed: string
    readonly status: string
  }
  readonly posters: Named<'heading' | 'hint'>
  readonly kept: {
    readonly heading: string
    readonly operator: string
    /** With OPERATOR the contact is linked by this word. */
    readonly contact: string
    readonly films: Named<'name'> & {
      readonly text: (time: string) => string
      /** CACHE_PERSISTENT=false. */
      readonly notPersistent: string
    }
    readonly watched: Named<'name' | 'text'>
    readonly address: Named<'name' | 'text'> & {
      /** By LOG_IP: what the log and the operator see. */
      readonly shown: Named<ShownAddresses>
    }
    readonly policy: string
  }
  readonly address: {
    readonly plain: Html
    readonly secure: string
    readonly inApp: string
    readonly inWeb: string
    readonly label: string
    readonly copy: string
    readonly copied: string
    readonly notCopied: string
    readonly loopback: string
    readonly installs: { readonly code: string; readonly what: string }
    readonly opens: { readonly code: string; readonly what: string }
  }
  readonly configure: {
    readonly title: (name: string) => string
    readonly subtitle: string
    readonly installPage: string
    readonly inAddress: Html
    readonly swarm: string
    readonly obsolete: string
    readonly tooMany: string
    readonly notUnderstood: string
    readonly badSize: string
  }
  readonly form: {
    readonly resolutions: string
    readonly resolution: Named<Preferences['resolutions'][number]>
    readonly orderAndSize: string
    readonly order: string
    readonly sort: Named<Preferences['sort']>
    readonly size: string
    readonly noLimit: string
    readonly languages: string
    readonly languagesHint: string
    readonly anyLanguage: string
    readonly leaveOut: string
    readonly hide: Named<Preferences['hide'][number]>
    readonly hints: Named<Preferences['hide'][number]>
    readonly sources: string
    readonly ownCatalogue: string
    readonly apply: string
    readonly startOver: string
  }
}

const ALL: Readonly<Record<Language, Words>> = { en, de, es, fr, pt, ru }

export const wordsIn = (language: Language): Words => ALL[language]
