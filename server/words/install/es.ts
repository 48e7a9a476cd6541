import { html } from '../../markup/html.ts'
import type { Words } from './words.ts'

export const es: Words = {
  install: {
    title: (name) => `${name} para Stremio`,
    subtitle: (version) => `Complemento para Stremio, versión ${version}`,
    heading: 'Instalar',
    description:
      'Reproduce lo que muestra: fuentes numeradas de películas y series, transmitidas desde este servidor mientras llegan y guardadas en su caché.',
    choose: 'Elegir lo que muestra',
    chooseMore: 'resoluciones, idiomas, tamaños y más, antes de instalar',
    know: 'Bueno saberlo',
    facts: {
      swarm: {
        name: 'Tu dirección queda fuera del enjambre',
        text: html`La mayoría de las películas vienen de BitTorrent, pero es este servidor el que participa. Los demás ven la
    dirección del servidor, no la tuya, y tu dispositivo solo habla HTTP con este servidor. Por eso Stremio no
    muestra ninguna advertencia de P2P (<code>p2p: false</code>).`,
      },
      direct: {
        name: 'Enlaces directos',
        text: html`Algunas fuentes son un archivo en otro servidor web. Reproducirlo te lleva allí, y ese servidor ve tu
    dirección, como con cualquier enlace.`,
      },
      plays: {
        name: 'Dónde se reproduce',
        text: html`Las aplicaciones de escritorio y de televisión reproducen por https y http. Stremio en un navegador es una
    página https: necesita este servidor por https (o en la misma máquina) y películas que los navegadores sepan
    mostrar, como MP4 y WebM.`,
      },
    },
    relayed:
      'Algunas fuentes son un archivo en otro servidor web. Este servidor lo trae por ti: el otro ve la dirección de este, no la tuya.',
    status: 'Estado y reproducciones de prueba',
  },
  posters: {
    heading: 'Libres para ver',
    hint: 'Películas de dominio público o con licencias Creative Commons. Se reproducen aquí mismo, sin ninguna aplicación.',
  },
  kept: {
    heading: 'Quién mantiene este servidor y qué se guarda',
    operator: 'Quién lo mantiene',
    contact: 'Contacto',
    films: {
      name: 'Películas',
      text: (time) =>
        `Se guardan durante ${time} desde la última vez que se vieron; menos si hace falta espacio, y más si así lo decide quien mantiene el servidor.`,
      notPersistent: 'Todas se borran cuando el servidor se reinicia.',
    },
    watched: {
      name: 'Lo que ves',
      text: 'No hay historial. Dónde te quedaste y los idiomas que elegiste los guarda tu propio navegador.',
    },
    address: {
      name: 'Tu dirección',
      text: 'Está en memoria para repartir el servidor con justicia (unos minutos) y para traer por adelantado el episodio siguiente (cuatro horas).',
      shown: {
        full: 'El registro la nombra cuando alguien llega a un límite, y quien mantiene el servidor la ve junto a lo que se reproduce en ese momento.',
        short: 'El registro y quien mantiene el servidor la ven solo sin su última parte.',
        off: 'Ni el registro ni quien mantiene el servidor la ven.',
      },
    },
    policy: 'Lo que dice sobre privacidad quien mantiene el servidor',
  },
  address: {
    plain: html`Este servidor habla http sin cifrar. Copia la dirección de abajo y pégala en
Stremio en <strong>Complementos</strong>, <strong>Añadir complemento</strong>: el botón de instalar necesita https, y
Stremio Web también, salvo que funcione en la misma máquina que este servidor.`,
    secure:
      'Este servidor habla https: aplicaciones, teléfonos, televisores y Stremio Web pueden instalarlo.',
    inApp: 'Instalar en Stremio',
    inWeb: 'Instalar en Stremio Web',
    label: 'Dirección del complemento',
    copy: 'Copiar',
    copied: 'Copiado',
    notCopied: 'No se copió',
    loopback:
      'Otros dispositivos no pueden llegar a esta dirección: es la de esta misma máquina. Abre esta página con el nombre o la dirección del servidor en tu red, y aquí aparecerá un código para teléfonos.',
    installs: {
      code: 'Código QR que instala el complemento',
      what: 'Apúntale con un teléfono o una tableta: Stremio se abre allí y pregunta si instalar. Con la misma cuenta, tu televisor también lo tiene.',
    },
    opens: {
      code: 'Código QR que abre esta página',
      what: 'Apúntale con un teléfono o una tableta: esta página se abre allí, y copias la dirección en Stremio. Con la misma cuenta, tu televisor también lo tiene.',
    },
  },
  configure: {
    title: (name) => `Elegir lo que ${name} muestra`,
    subtitle: 'Elige lo que se muestra y después instala',
    installPage: 'Página de instalación',
    inAddress: html`Lo que eliges está en la propia dirección; el servidor no guarda nada. Para cambiarlo más tarde,
          pulsa <strong>Configurar</strong> en el complemento en Stremio. Entonces es otra dirección: quita la
          anterior.`,
    swarm:
      'Las películas vienen de BitTorrent a través de este servidor: los demás ven la dirección del servidor, no la tuya. Los enlaces directos son la excepción; puedes descartarlos.',
    obsolete:
      'Esta versión del servidor no entiende la dirección de la que vienes, así que no muestra nada. Elige de nuevo abajo, instala eso y quita la anterior en Stremio.',
    tooMany: 'Tantos proveedores no caben en una dirección. Descarta menos e instala eso.',
    notUnderstood: 'No se entendió el formulario.',
    badSize: 'El tamaño máximo debe ser un número de GB hasta 1000, como 8 o 1,5.',
  },
  form: {
    resolutions: 'Resoluciones',
    resolution: {
      '2160': '4K (2160p)',
      '1440': '1440p',
      '1080': 'Full HD (1080p)',
      '720': 'HD (720p)',
      sd: 'SD (576p y menos)',
      unknown: 'No indicada',
    },
    orderAndSize: 'Orden y tamaño',
    order: 'Orden de la lista',
    sort: {
      best: 'Primero lo que está listo, luego lo mejor',
      quality: 'Primero la mayor resolución',
      small: 'Primero el archivo más pequeño',
      large: 'Primero el archivo más grande',
      seeders: 'Primero más semillas',
    },
    size: 'Tamaño máximo en GB',
    noLimit: 'Sin límite',
    languages: 'Idiomas',
    languagesHint:
      'Sin elegir ninguno, todos. Si no, se descarta lo que solo dice estar en otros idiomas; lo que no dice nada de su idioma se queda, detrás de lo que sí.',
    anyLanguage: 'Cualquier idioma',
    leaveOut: 'Descartar',
    hide: {
      remote: 'Lo que este servidor aún no tiene',
      camera: 'Copias grabadas en un cine',
      direct: 'Enlaces directos a otros servidores',
      auto: 'La entrada «Auto»',
      catalogs: 'Los catálogos de este servidor',
    },
    hints: {
      remote:
        'Queda lo que se reproduce al instante. Las películas nuevas aparecen solo después de que otra persona las haya visto.',
      camera: 'Versiones cam, telesync y screener.',
      direct: 'Esos servidores verían tu dirección.',
      auto: 'Prueba por sí sola varias fuentes de tu lista y reproduce la primera que responde.',
      catalogs: 'Las filas de la pantalla de inicio; las listas de fuentes se quedan.',
    },
    sources: 'Fuentes de',
    ownCatalogue: 'El catálogo propio del servidor',
    apply: 'Crear mi dirección',
    startOver: 'Empezar de nuevo',
  },
}
