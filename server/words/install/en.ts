import { html } from '../../markup/html.ts'
import type { Words } from './words.ts'

export const en: Words = {
  install: {
    title: (name) => `${name} for Stremio`,
    subtitle: (version) => `Addon for Stremio, version ${version}`,
    heading: 'Install',
    description:
      'Plays what it lists: numbered sources of films and series, streamed from this server while they arrive and kept in its cache.',
    choose: 'Choose what it lists',
    chooseMore: 'resolutions, languages, sizes and more, before you install',
    know: 'Good to know',
    facts: {
      swarm: {
        name: 'Your address stays out of the swarm',
        text: html`Most films come from BitTorrent, but it is this server that takes part in it. Other peers see the
    server's address, not yours, and your device only speaks HTTP to this server. Stremio therefore
    shows no peer-to-peer warning (<code>p2p: false</code>).`,
      },
      direct: {
        name: 'Direct links',
        text: html`Some sources are a file on another web server. Playing one sends you there, and that server sees
    your address, as with any link.`,
      },
      plays: {
        name: 'Where it plays',
        text: html`The desktop and TV apps play from https and http. Stremio in a web browser is an https page: it
    needs this server on https (or on the same machine) and films that browsers can show, such as MP4
    and WebM.`,
      },
    },
    relayed:
      'Some sources are a file on another web server. This server fetches it for you: that server sees the address of this one, not yours.',
    status: 'Status and test plays',
  },
  posters: {
    heading: 'Free to watch',
    hint: 'Films in the public domain or under Creative Commons licences. They play right here, without any app.',
  },
  kept: {
    heading: 'Who runs this server, and what is kept',
    operator: 'Who runs it',
    contact: 'Contact',
    films: {
      name: 'Films',
      text: (time) =>
        `Kept for ${time} after they were last watched, less where room is needed, and longer where the operator says so.`,
      notPersistent: 'All of them go when the server starts anew.',
    },
    watched: {
      name: 'What you watch',
      text: 'There is no history of it. Where you stopped and the languages you chose are kept by your own browser.',
    },
    address: {
      name: 'Your address',
      text: 'Kept in memory to share the server fairly (for minutes) and to fetch a next episode ahead (for four hours).',
      shown: {
        full: 'The log names it where somebody reaches a limit, and the operator sees it beside what plays now.',
        short: 'The log and the operator see it only without its last part.',
        off: 'Neither the log nor the operator sees it.',
      },
    },
    policy: "The operator's own words about privacy",
  },
  address: {
    plain: html`This server speaks plain http. Copy the address below and paste it in
Stremio under <strong>Addons</strong>, <strong>Add addon</strong>: the install button needs https, and Stremio Web
does too, unless it runs on the same machine as this server.`,
    secure: 'This server speaks https: apps, phones, TVs and Stremio Web can all install it.',
    inApp: 'Install in Stremio',
    inWeb: 'Install in Stremio Web',
    label: 'Address of the addon',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'Not copied',
    loopback:
      "Other devices cannot reach this address: it means this very machine. Open this page by the server's name or address in your network, and a code for phones appears here.",
    installs: {
      code: 'QR code that installs the addon',
      what: 'Point a phone or tablet at it: Stremio opens there and asks to install. Signed in to the same account, your TV has it too.',
    },
    opens: {
      code: 'QR code that opens this page',
      what: 'Point a phone or tablet at it: this page opens there, and you copy the address into Stremio. Signed in to the same account, your TV has it too.',
    },
  },
  configure: {
    title: (name) => `Choose what ${name} lists`,
    subtitle: 'Choose what is listed, then install',
    installPage: 'Install page',
    inAddress: html`Your choices are in the address itself; the server keeps nothing of them. To change
          them later press <strong>Configure</strong> at the addon in Stremio. It is then another address:
          remove the old one.`,
    swarm:
      "Films come from BitTorrent by way of this server: peers see the server's address, not yours. Direct links are the exception; you can leave them out.",
    obsolete:
      'The address you came from is not understood by this version of the server, so it lists nothing. Choose anew below, install that, and remove the old one in Stremio.',
    tooMany:
      'So many providers do not fit into an address. Leave out fewer of them, and install that.',
    notUnderstood: 'The form was not understood.',
    badSize: 'The largest size must be a number of GB up to 1000, such as 8 or 1.5.',
  },
  form: {
    resolutions: 'Resolutions',
    resolution: {
      '2160': '4K (2160p)',
      '1440': '1440p',
      '1080': 'Full HD (1080p)',
      '720': 'HD (720p)',
      sd: 'SD (576p and less)',
      unknown: 'Not stated',
    },
    orderAndSize: 'Order and size',
    order: 'Order of the list',
    sort: {
      best: 'Ready first, then the best',
      quality: 'Highest resolution first',
      small: 'Smallest file first',
      large: 'Largest file first',
      seeders: 'Most seeders first',
    },
    size: 'Largest size in GB',
    noLimit: 'No limit',
    languages: 'Languages',
    languagesHint:
      'With none chosen, all. Else what is said to be in other languages only is left out; what says nothing of its language stays, after what does.',
    anyLanguage: 'Any language',
    leaveOut: 'Leave out',
    hide: {
      remote: 'What this server does not have yet',
      camera: 'Copies filmed in a cinema',
      direct: 'Direct links to other servers',
      auto: 'The entry "Auto"',
      catalogs: 'The catalogs of this server',
    },
    hints: {
      remote:
        'Leaves what plays at once. New films then appear only after somebody else played them.',
      camera: 'Cam, telesync and screener releases.',
      direct: 'Those servers would see your address.',
      auto: 'It tries several sources of your list by itself and plays the first that answers.',
      catalogs: 'The rows on the home screen; lists of sources stay.',
    },
    sources: 'Sources from',
    ownCatalogue: "The server's own catalogue",
    apply: 'Make my address',
    startOver: 'Start over',
  },
}
