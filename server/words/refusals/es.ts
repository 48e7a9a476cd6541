import type { Refusals } from './words.ts'

const OTHER_SOURCE = 'Elige otra fuente.'
const MEND = 'o corrige esa parte de la dirección.'

export const es: Refusals = {
  BAD_TYPE: [
    'El tipo debe ser exactamente «movie» o «series».',
    `Abre el título en Stremio ${MEND}`,
  ],
  BAD_IMDB_ID: [
    'El identificador debe ser de IMDb: «tt» y de 7 a 10 cifras.',
    `Abre el título en Stremio ${MEND}`,
  ],
  BAD_FILE_INDEX: [
    'El número de la fuente debe ser un entero de 0 a 9999.',
    `Abre una fuente de la lista ${MEND}`,
  ],
  BAD_SEASON: [
    'Una serie necesita /temporada/episodio como números enteros; una película, ninguno de los dos.',
    `Abre el episodio en Stremio ${MEND}`,
  ],
  BAD_EPISODE: [
    'El episodio debe ser un entero de 0 a 9999, después de la temporada.',
    `Abre el episodio en Stremio ${MEND}`,
  ],
  BAD_SOURCE_KEY: [
    'El parámetro «s» debe tener 10 caracteres en base32, como en la lista.',
    'Abre de nuevo la lista y toma de allí la dirección, o quita «s».',
  ],
  BAD_HOST: [
    'Debe haber exactamente una cabecera Host, y debe ser un nombre de host.',
    'Abre la dirección por su nombre; el operador comprueba si el proxy transmite la cabecera.',
  ],
  BAD_REQUEST: [
    'No se pudo leer la petición.',
    'Envíala de nuevo como HTTP/1.1 sencillo; el operador comprueba si un proxy la cambia.',
  ],
  BAD_BODY: [
    'El cuerpo debe ser un objeto JSON: «forceCleanup» true o false, o «remove» con una lista de contenidos.',
    'Envía uno de ellos tal cual; el README tiene ejemplos.',
  ],
  NODE_SIGNATURE: [
    'Esta petición dice venir de otro nodo del clúster, y su firma no encaja.',
    'El operador da a todos los nodos el mismo CLUSTER_SECRET y los reinicia.',
  ],
  NODE_CLOCK: [
    'Los relojes de dos nodos difieren en más de 30 segundos.',
    'El operador pone en hora todos los nodos por NTP; «doctor» dice cuál va mal.',
  ],
  UNAUTHORIZED: [
    'Envía la cabecera «Authorization: Bearer <ADMIN_TOKEN>».',
    'El operador conoce el token: es ADMIN_TOKEN en los ajustes.',
  ],
  FORBIDDEN_ORIGIN: [
    'Esta petición solo puede venir de las páginas de este servidor.',
    'Usa la página de estado de este servidor, o una orden sin cabecera Origin.',
  ],
  MANAGEMENT_CLOSED: [
    'En producción la administración está cerrada hasta que se ponga ADMIN_TOKEN.',
    'El operador le da 16 caracteres o más y lo envía como token Bearer.',
  ],
  NOT_LOCAL: [
    'Sin ADMIN_TOKEN la administración solo responde a esta máquina.',
    'Pregunta desde esa máquina, no a través de un proxy, o que el operador ponga ADMIN_TOKEN.',
  ],
  TOKEN_MISSING: [
    'Este servidor es para espectadores con token: sus direcciones empiezan por /t/<token>/.',
    'Instala el complemento con la dirección que te dio su operador.',
  ],
  TOKEN_UNKNOWN: [
    'El token de esta dirección es desconocido o fue revocado; pregunta a quien te lo dio.',
    'Después instala el complemento con la dirección nueva.',
  ],
  TOKEN_BYTES: [
    'Los datos de este token se han agotado; el mes que viene empiezan de nuevo.',
    'El operador puede darle más con «token add» y otro --month-gb.',
  ],
  STOPPED: [
    'El operador de este servidor ha detenido esta reproducción; inténtalo de nuevo en un minuto.',
    'Pregunta al operador el motivo si se detiene otra vez.',
  ],
  NOT_FOUND: [
    'No hay nada en esta dirección.',
    'Ve a la página de inicio, o comprueba si la dirección se copió entera.',
  ],
  UNKNOWN_TITLE: [
    'No se conoce ninguna fuente para este título.',
    'Inténtalo de nuevo en unos minutos; el operador puede añadir proveedores: CATALOGUE, UPSTREAM_ADDONS, TORZNAB, FEEDS.',
  ],
  UNKNOWN_SOURCE: [
    'Este título no tiene ninguna fuente con ese número.',
    'Abre de nuevo la lista y elige una de las fuentes que tiene ahora.',
  ],
  SOURCE_GONE: [
    'Esta fuente ya no se ofrece; abre de nuevo la lista.',
    'Elige otra fuente si ya no está allí.',
  ],
  NO_WANTED_FILE: [
    'El torrent no tiene ningún archivo reproducible para este título.',
    OTHER_SOURCE,
  ],
  FILE_MISSING: [
    'El archivo de esta fuente no está.',
    'Elige otra fuente; el operador corrige la ruta en el catálogo.',
  ],
  METHOD_NOT_ALLOWED: [
    'Aquí solo funcionan los métodos de la cabecera Allow.',
    'Envía de nuevo la petición con uno de ellos.',
  ],
  BODY_TOO_LARGE: [
    'El cuerpo puede tener como máximo 4 KiB, o 12 KiB para descargas.',
    'Envía menos de una vez, en varias peticiones.',
  ],
  UNSUPPORTED_MEDIA_TYPE: [
    'Envía el cuerpo como application/json.',
    'Pon la cabecera «Content-Type: application/json».',
  ],
  RANGE_NOT_SATISFIABLE: [
    'El intervalo queda fuera del archivo.',
    'Pide bytes por debajo del tamaño de Content-Range, o el archivo entero.',
  ],
  EXPECTATION_FAILED: [
    'La cabecera «Expect» solo puede decir 100-continue.',
    'Envía la petición sin esa cabecera.',
  ],
  MEDIA_UNREADABLE: [
    'Lo que hay en este archivo no se pudo preparar para un navegador; ábrelo en otro reproductor.',
    'O elige otra fuente.',
  ],
  TOKEN_STREAMS: [
    'Este token ya reproduce todas las películas que puede a la vez; detén antes otra.',
    'El operador puede permitir más con «token add» y otro --streams.',
  ],
  TOO_MANY_REQUESTS: [
    'Llegan demasiadas peticiones de tu dirección; inténtalo de nuevo enseguida.',
    'Retry-After dice cuándo; el operador puede subir los ajustes LIMIT_, o nombrar el proxy en TRUST_PROXY.',
  ],
  ANOTHER_NODE: [
    'Este archivo ya lo tiene otro nodo; pregunta de nuevo.',
    'Si sigue así, el operador ve con «doctor» si los nodos se alcanzan entre sí.',
  ],
  HEADERS_TOO_LARGE: [
    'Las cabeceras de la petición son demasiado grandes.',
    'Borra las cookies de esta dirección, o usa otro navegador.',
  ],
  INTERNAL: [
    'Algo ha fallado aquí; el identificador de la petición está en el registro.',
    'Inténtalo de nuevo; si sigue así, da al operador el identificador de la petición.',
  ],
  NO_CONVERTER: [
    'El sonido de esta película hay que convertirlo para un navegador, y este servidor no tiene ffmpeg.',
    'Abre la película en Stremio o en otro reproductor; el operador puede instalar ffmpeg.',
  ],
  HOSTILE_TORRENT: [
    'El torrent supera los límites de este servidor y fue rechazado.',
    OTHER_SOURCE,
  ],
  BAD_TORRENT: ['No se pudo leer el archivo .torrent de esta fuente.', OTHER_SOURCE],
  UNSUPPORTED_TORRENT: [
    'Este torrent es de una versión de BitTorrent que este servidor no reproduce. Elige otra fuente.',
    'La lista suele tener otras.',
  ],
  BAD_REDIRECT: ['La dirección de esta fuente no se puede entregar.', OTHER_SOURCE],
  ENGINE_DIED: [
    'La descarga terminó de forma inesperada; inténtalo de nuevo o con otra fuente.',
    'Si sigue así, el registro dice al operador cómo terminó.',
  ],
  OUTBOUND_REFUSED: [
    'La dirección de esta fuente no es pública.',
    'Elige otra fuente; si es una dirección propia del operador, él la permite con OUTBOUND_ALLOW.',
  ],
  UPSTREAM_FAILED: [
    'Otro servidor que esta fuente necesita no respondió bien.',
    'Inténtalo de nuevo o con otra fuente; «doctor» dice al operador quién no responde.',
  ],
  PROVIDERS_FAILED: [
    'Ningún proveedor de fuentes respondió; inténtalo de nuevo en un minuto.',
    '«doctor» dice al operador cuáles no responden y por qué.',
  ],
  TOO_MANY_LISTENERS: [
    'Ya hay demasiadas páginas mirando este servidor; inténtalo de nuevo enseguida.',
    'Cierra otras pestañas con la página de estado.',
  ],
  TOO_MANY_ARRIVALS: [
    'Ya hay demasiadas descargas o transmisiones en marcha; inténtalo de nuevo enseguida.',
    'Retry-After dice cuándo; el operador puede subir MAX_DOWNLOADS o MAX_RELAYS.',
  ],
  TOO_MANY_CONVERSIONS: [
    'Este servidor ya prepara todas las películas para navegadores que puede; inténtalo de nuevo enseguida.',
    'O abre la película en Stremio o en otro reproductor, que no necesita nada de eso.',
  ],
  TOO_MANY_OPEN: [
    'Este servidor tiene abiertos todos los archivos y conexiones que puede; inténtalo de nuevo enseguida.',
    'El operador puede subir el límite de archivos abiertos (ulimit -n, LimitNOFILE).',
  ],
  TORRENT_NETWORK_AWAY: [
    'La red por la que se descargan los torrents no está disponible; inténtalo cuando vuelva.',
    'El operador reinicia la VPN o el proxy: TORRENT_BIND o TORRENT_PROXY lo nombra.',
  ],
  DRAINING: [
    'Este servidor se está apagando.',
    'Inténtalo de nuevo en un minuto: lo normal es que se reinicie.',
  ],
  NO_PEERS: [
    'No se encontró a tiempo a nadie con este torrent; prueba otra fuente.',
    'El operador puede ver con «doctor» si se alcanzan los trackers y la DHT.',
  ],
  NO_FIRST_BYTE: [
    'No llegó ningún byte a tiempo; inténtalo de nuevo o con otra fuente.',
    'El operador puede subir PLAY_TIMEOUT donde los enjambres son lentos.',
  ],
  STALLED: [
    'Durante 30 segundos no llegó ningún byte.',
    'Sigue reproduciendo: lo que ha llegado se conserva. Si sigue así, prueba otra fuente.',
  ],
  DOES_NOT_FIT: [
    'No hay sitio para este archivo dentro de los límites de la caché.',
    'Elige una fuente más pequeña; el operador puede subir CACHE_MAX_DISK_MB, o soltar y quitar archivos.',
  ],
}
