import { html } from '../../markup/html.ts'
import type { Words } from './words.ts'

export const fr: Words = {
  install: {
    title: (name) => `${name} pour Stremio`,
    subtitle: (version) => `Extension pour Stremio, version ${version}`,
    heading: 'Installer',
    description:
      'Lit ce qu’il propose : des sources numérotées de films et de séries, diffusées par ce serveur pendant qu’elles arrivent et gardées dans son cache.',
    choose: 'Choisir ce qui est proposé',
    chooseMore: 'résolutions, langues, tailles et plus, avant d’installer',
    know: 'Bon à savoir',
    facts: {
      swarm: {
        name: 'Votre adresse reste hors de l’essaim',
        text: html`La plupart des films viennent de BitTorrent, mais c’est ce serveur qui y participe. Les autres pairs voient
    l’adresse du serveur, pas la vôtre, et votre appareil ne parle que HTTP à ce serveur. Stremio n’affiche donc
    aucun avertissement de pair à pair (<code>p2p: false</code>).`,
      },
      direct: {
        name: 'Liens directs',
        text: html`Certaines sources sont un fichier sur un autre serveur web. La lecture vous y envoie, et ce serveur voit
    votre adresse, comme avec n’importe quel lien.`,
      },
      plays: {
        name: 'Où cela se lit',
        text: html`Les applications d’ordinateur et de télévision lisent en https et en http. Stremio dans un navigateur est
    une page https : il lui faut ce serveur en https (ou sur la même machine) et des films que les navigateurs
    savent montrer, comme MP4 et WebM.`,
      },
    },
    relayed:
      'Certaines sources sont un fichier sur un autre serveur web. Ce serveur va le chercher pour vous : l’autre voit l’adresse de celui-ci, pas la vôtre.',
    status: 'État et lectures d’essai',
  },
  posters: {
    heading: 'Libres à regarder',
    hint: 'Des films du domaine public ou sous licence Creative Commons. Ils se lisent ici même, sans aucune application.',
  },
  kept: {
    heading: 'Qui tient ce serveur, et ce qui est gardé',
    operator: 'Qui le tient',
    contact: 'Contact',
    films: {
      name: 'Films',
      text: (time) =>
        `Gardés pendant ${time} après le dernier visionnage ; moins si la place manque, et plus si la personne qui tient le serveur le veut.`,
      notPersistent: 'Tous sont effacés quand le serveur redémarre.',
    },
    watched: {
      name: 'Ce que vous regardez',
      text: 'Il n’y en a pas d’historique. L’endroit où vous vous êtes arrêté et les langues choisies sont gardés par votre propre navigateur.',
    },
    address: {
      name: 'Votre adresse',
      text: 'En mémoire, pour partager équitablement le serveur (quelques minutes) et charger l’épisode suivant d’avance (quatre heures).',
      shown: {
        full: 'Le journal la nomme quand quelqu’un atteint une limite, et la personne qui tient le serveur la voit à côté de ce qui est en cours de lecture.',
        short:
          'Le journal et la personne qui tient le serveur ne la voient que sans sa dernière partie.',
        off: 'Ni le journal ni la personne qui tient le serveur ne la voient.',
      },
    },
    policy: 'Ce que dit de la vie privée la personne qui tient le serveur',
  },
  address: {
    plain: html`Ce serveur parle http sans chiffrement. Copiez l’adresse ci-dessous et collez-la dans
Stremio sous <strong>Extensions</strong>, <strong>Ajouter une extension</strong> : le bouton d’installation exige https,
Stremio Web aussi, sauf s’il tourne sur la même machine que ce serveur.`,
    secure:
      'Ce serveur parle https : applications, téléphones, téléviseurs et Stremio Web peuvent l’installer.',
    inApp: 'Installer dans Stremio',
    inWeb: 'Installer dans Stremio Web',
    label: 'Adresse de l’extension',
    copy: 'Copier',
    copied: 'Copié',
    notCopied: 'Non copié',
    loopback:
      'Les autres appareils ne peuvent pas joindre cette adresse : elle désigne cette machine même. Ouvrez cette page par le nom ou l’adresse du serveur dans votre réseau, et un code pour téléphones apparaîtra ici.',
    installs: {
      code: 'Code QR qui installe l’extension',
      what: 'Visez-le avec un téléphone ou une tablette : Stremio s’y ouvre et propose d’installer. Avec le même compte, votre téléviseur l’a aussi.',
    },
    opens: {
      code: 'Code QR qui ouvre cette page',
      what: 'Visez-le avec un téléphone ou une tablette : cette page s’y ouvre, et vous copiez l’adresse dans Stremio. Avec le même compte, votre téléviseur l’a aussi.',
    },
  },
  configure: {
    title: (name) => `Choisir ce que ${name} propose`,
    subtitle: 'Choisissez ce qui est proposé, puis installez',
    installPage: 'Page d’installation',
    inAddress: html`Vos choix sont dans l’adresse elle-même ; le serveur n’en garde rien. Pour les changer plus
          tard, appuyez sur <strong>Configurer</strong> à côté de l’extension dans Stremio. C’est alors une autre
          adresse : retirez l’ancienne.`,
    swarm:
      'Les films viennent de BitTorrent en passant par ce serveur : les pairs voient l’adresse du serveur, pas la vôtre. Les liens directs font exception ; vous pouvez les écarter.',
    obsolete:
      'L’adresse d’où vous venez n’est pas comprise par cette version du serveur, elle ne propose donc rien. Choisissez à nouveau ci-dessous, installez cela, et retirez l’ancienne dans Stremio.',
    tooMany:
      'Autant de fournisseurs ne tiennent pas dans une adresse. Écartez-en moins, et installez cela.',
    notUnderstood: 'Le formulaire n’a pas été compris.',
    badSize: 'La plus grande taille doit être un nombre de Go jusqu’à 1000, par exemple 8 ou 1,5.',
  },
  form: {
    resolutions: 'Résolutions',
    resolution: {
      '2160': '4K (2160p)',
      '1440': '1440p',
      '1080': 'Full HD (1080p)',
      '720': 'HD (720p)',
      sd: 'SD (576p et moins)',
      unknown: 'Non indiquée',
    },
    orderAndSize: 'Ordre et taille',
    order: 'Ordre de la liste',
    sort: {
      best: 'Ce qui est prêt d’abord, puis le meilleur',
      quality: 'La plus haute résolution d’abord',
      small: 'Le plus petit fichier d’abord',
      large: 'Le plus gros fichier d’abord',
      seeders: 'Le plus de sources complètes d’abord',
    },
    size: 'Plus grande taille en Go',
    noLimit: 'Sans limite',
    languages: 'Langues',
    languagesHint:
      'Sans choix, toutes. Sinon, ce qui n’est annoncé que dans d’autres langues est écarté ; ce qui ne dit rien de sa langue reste, à la suite.',
    anyLanguage: 'Toutes les langues',
    leaveOut: 'Écarter',
    hide: {
      remote: 'Ce que ce serveur n’a pas encore',
      camera: 'Les copies filmées au cinéma',
      direct: 'Les liens directs vers d’autres serveurs',
      auto: 'L’entrée « Auto »',
      catalogs: 'Les catalogues de ce serveur',
    },
    hints: {
      remote:
        'Il reste ce qui se lit tout de suite. Les nouveaux films n’apparaissent alors qu’après que quelqu’un d’autre les a lus.',
      camera: 'Versions cam, telesync et screener.',
      direct: 'Ces serveurs verraient votre adresse.',
      auto: 'Elle essaie d’elle-même plusieurs sources de votre liste et lit la première qui répond.',
      catalogs: 'Les rangées de l’accueil ; les listes de sources restent.',
    },
    sources: 'Sources de',
    ownCatalogue: 'Le catalogue du serveur',
    apply: 'Créer mon adresse',
    startOver: 'Recommencer',
  },
}
