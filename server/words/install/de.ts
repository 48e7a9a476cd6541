import { html } from '../../markup/html.ts'
import type { Words } from './words.ts'

export const de: Words = {
  install: {
    title: (name) => `${name} für Stremio`,
    subtitle: (version) => `Addon für Stremio, Version ${version}`,
    heading: 'Installieren',
    description:
      'Spielt, was es auflistet: nummerierte Quellen von Filmen und Serien, gestreamt von diesem Server, während sie ankommen, und in seinem Cache aufgehoben.',
    choose: 'Auswählen, was es auflistet',
    chooseMore: 'Auflösungen, Sprachen, Größen und mehr, vor dem Installieren',
    know: 'Gut zu wissen',
    facts: {
      swarm: {
        name: 'Ihre Adresse bleibt außerhalb des Schwarms',
        text: html`Die meisten Filme kommen über BitTorrent, aber daran nimmt dieser Server teil. Andere Teilnehmer sehen
    die Adresse des Servers, nicht Ihre, und Ihr Gerät spricht nur HTTP mit diesem Server. Deshalb zeigt
    Stremio keine Peer-to-Peer-Warnung (<code>p2p: false</code>).`,
      },
      direct: {
        name: 'Direkte Links',
        text: html`Manche Quellen sind eine Datei auf einem anderen Webserver. Beim Abspielen werden Sie dorthin geleitet,
    und jener Server sieht Ihre Adresse, wie bei jedem Link.`,
      },
      plays: {
        name: 'Wo es läuft',
        text: html`Die Apps für Computer und Fernseher spielen über https und http. Stremio im Browser ist eine
    https-Seite: Sie braucht diesen Server über https (oder auf demselben Gerät) und Filme, die Browser
    zeigen können, etwa MP4 und WebM.`,
      },
    },
    relayed:
      'Manche Quellen sind eine Datei auf einem anderen Webserver. Dieser Server holt sie für Sie: Jener sieht die Adresse dieses Servers, nicht Ihre.',
    status: 'Status und Probewiedergabe',
  },
  posters: {
    heading: 'Frei anzusehen',
    hint: 'Filme, die gemeinfrei sind oder unter Creative-Commons-Lizenzen stehen. Sie laufen gleich hier, ganz ohne App.',
  },
  kept: {
    heading: 'Wer den Server betreibt und was gespeichert wird',
    operator: 'Betreiber',
    contact: 'Kontakt',
    films: {
      name: 'Filme',
      text: (time) =>
        `Bleiben ${time} lang gespeichert, seit sie zuletzt angesehen wurden; kürzer, wenn Platz gebraucht wird, und länger, wenn der Betreiber es so will.`,
      notPersistent: 'Bei jedem Neustart des Servers werden alle gelöscht.',
    },
    watched: {
      name: 'Was Sie ansehen',
      text: 'Darüber gibt es keinen Verlauf. Wo Sie aufgehört und welche Sprachen Sie gewählt haben, merkt sich Ihr eigener Browser.',
    },
    address: {
      name: 'Ihre Adresse',
      text: 'Bleibt im Arbeitsspeicher, um den Server gerecht zu teilen (einige Minuten) und die nächste Folge vorab zu laden (vier Stunden).',
      shown: {
        full: 'Das Protokoll nennt sie, wenn jemand eine Grenze erreicht, und der Betreiber sieht sie neben dem, was gerade läuft.',
        short: 'Protokoll und Betreiber sehen sie nur ohne ihren letzten Teil.',
        off: 'Weder Protokoll noch Betreiber sehen sie.',
      },
    },
    policy: 'Die Datenschutzhinweise des Betreibers',
  },
  address: {
    plain: html`Dieser Server spricht unverschlüsseltes http. Kopieren Sie die Adresse unten und fügen Sie sie in
Stremio unter <strong>Addons</strong>, <strong>Addon hinzufügen</strong> ein: Der Knopf zum Installieren braucht https,
Stremio Web ebenso, außer es läuft auf demselben Gerät wie dieser Server.`,
    secure:
      'Dieser Server spricht https: Apps, Telefone, Fernseher und Stremio Web können es installieren.',
    inApp: 'In Stremio installieren',
    inWeb: 'In Stremio Web installieren',
    label: 'Adresse des Addons',
    copy: 'Kopieren',
    copied: 'Kopiert',
    notCopied: 'Nicht kopiert',
    loopback:
      'Andere Geräte erreichen diese Adresse nicht: Sie meint genau dieses Gerät. Öffnen Sie diese Seite unter dem Namen oder der Adresse des Servers in Ihrem Netz, dann erscheint hier ein Code für Telefone.',
    installs: {
      code: 'QR-Code, der das Addon installiert',
      what: 'Richten Sie ein Telefon oder Tablet darauf: Stremio öffnet sich dort und fragt, ob es installieren soll. Ihr Fernseher hat es auch, wenn er mit demselben Konto angemeldet ist.',
    },
    opens: {
      code: 'QR-Code, der diese Seite öffnet',
      what: 'Richten Sie ein Telefon oder Tablet darauf: Diese Seite öffnet sich dort, und Sie kopieren die Adresse in Stremio. Ihr Fernseher hat es auch, wenn er mit demselben Konto angemeldet ist.',
    },
  },
  configure: {
    title: (name) => `Auswählen, was ${name} auflistet`,
    subtitle: 'Erst auswählen, was aufgelistet wird, dann installieren',
    installPage: 'Seite zum Installieren',
    inAddress: html`Ihre Auswahl steht in der Adresse selbst; der Server behält nichts davon. Um sie später zu
          ändern, drücken Sie in Stremio beim Addon auf <strong>Konfigurieren</strong>. Das ist dann eine andere
          Adresse: Entfernen Sie die alte.`,
    swarm:
      'Filme kommen über diesen Server aus BitTorrent: Andere Teilnehmer sehen die Adresse des Servers, nicht Ihre. Direkte Links sind die Ausnahme; Sie können sie weglassen.',
    obsolete:
      'Die Adresse, von der Sie kommen, versteht diese Version des Servers nicht, deshalb listet sie nichts auf. Wählen Sie unten neu, installieren Sie das, und entfernen Sie die alte in Stremio.',
    tooMany:
      'So viele Anbieter passen nicht in eine Adresse. Lassen Sie weniger weg, und installieren Sie das.',
    notUnderstood: 'Das Formular wurde nicht verstanden.',
    badSize: 'Die größte Größe muss eine Zahl von GB bis 1000 sein, etwa 8 oder 1,5.',
  },
  form: {
    resolutions: 'Auflösungen',
    resolution: {
      '2160': '4K (2160p)',
      '1440': '1440p',
      '1080': 'Full HD (1080p)',
      '720': 'HD (720p)',
      sd: 'SD (576p und weniger)',
      unknown: 'Nicht angegeben',
    },
    orderAndSize: 'Reihenfolge und Größe',
    order: 'Reihenfolge der Liste',
    sort: {
      best: 'Erst was bereit ist, dann das beste',
      quality: 'Höchste Auflösung zuerst',
      small: 'Kleinste Datei zuerst',
      large: 'Größte Datei zuerst',
      seeders: 'Meiste Seeder zuerst',
    },
    size: 'Größte Größe in GB',
    noLimit: 'Keine Grenze',
    languages: 'Sprachen',
    languagesHint:
      'Ohne Auswahl alle. Sonst fehlt, was nur in anderen Sprachen sein soll; was nichts über seine Sprache sagt, bleibt, und steht danach.',
    anyLanguage: 'Jede Sprache',
    leaveOut: 'Weglassen',
    hide: {
      remote: 'Was dieser Server noch nicht hat',
      camera: 'Im Kino abgefilmte Kopien',
      direct: 'Direkte Links zu anderen Servern',
      auto: 'Den Eintrag „Auto“',
      catalogs: 'Die Kataloge dieses Servers',
    },
    hints: {
      remote:
        'Es bleibt, was sofort spielt. Neue Filme erscheinen dann erst, wenn jemand anderes sie gespielt hat.',
      camera: 'Cam, Telesync und Screener.',
      direct: 'Jene Server würden Ihre Adresse sehen.',
      auto: 'Er versucht selbst mehrere Quellen Ihrer Liste und spielt die erste, die antwortet.',
      catalogs: 'Die Zeilen auf der Startseite; Listen von Quellen bleiben.',
    },
    sources: 'Quellen von',
    ownCatalogue: 'Der eigene Katalog des Servers',
    apply: 'Meine Adresse erstellen',
    startOver: 'Von vorn beginnen',
  },
}
