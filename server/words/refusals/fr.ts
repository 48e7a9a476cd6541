import type { Refusals } from './words.ts'

const OTHER_SOURCE = 'Choisissez une autre source.'
const MEND = 'ou corrigez cette partie de l’adresse.'

export const fr: Refusals = {
  BAD_TYPE: [
    'Le type doit être exactement « movie » ou « series ».',
    `Ouvrez le titre dans Stremio, ${MEND}`,
  ],
  BAD_IMDB_ID: [
    'L’identifiant doit être celui d’IMDb : « tt » et 7 à 10 chiffres.',
    `Ouvrez le titre dans Stremio, ${MEND}`,
  ],
  BAD_FILE_INDEX: [
    'Le numéro de la source doit être un nombre entier de 0 à 9999.',
    `Ouvrez une source de la liste, ${MEND}`,
  ],
  BAD_SEASON: [
    'Une série demande /saison/épisode en nombres entiers ; un film, ni l’un ni l’autre.',
    `Ouvrez l’épisode dans Stremio, ${MEND}`,
  ],
  BAD_EPISODE: [
    'L’épisode doit être un nombre entier de 0 à 9999, après la saison.',
    `Ouvrez l’épisode dans Stremio, ${MEND}`,
  ],
  BAD_SOURCE_KEY: [
    'Le paramètre « s » doit avoir 10 caractères en base32, comme dans la liste.',
    'Rouvrez la liste et prenez-y l’adresse, ou enlevez « s ».',
  ],
  BAD_HOST: [
    'Il faut exactement un en-tête Host, et ce doit être un nom d’hôte.',
    'Ouvrez l’adresse par un nom ; l’exploitant vérifie si le proxy transmet l’en-tête.',
  ],
  BAD_REQUEST: [
    'La requête n’a pas pu être lue.',
    'Renvoyez-la en simple HTTP/1.1 ; l’exploitant vérifie si un proxy la modifie.',
  ],
  BAD_BODY: [
    'Le corps doit être un objet JSON : « forceCleanup » true ou false, ou « remove » avec une liste de contenus.',
    'Envoyez l’un d’eux tel quel ; le README donne des exemples.',
  ],
  NODE_SIGNATURE: [
    'Cette requête dit venir d’un autre nœud de la grappe, et sa signature ne convient pas.',
    'L’exploitant donne à tous les nœuds le même CLUSTER_SECRET et les redémarre.',
  ],
  NODE_CLOCK: [
    'Les horloges de deux nœuds diffèrent de plus de 30 secondes.',
    'L’exploitant règle l’heure de tous les nœuds par NTP ; « doctor » dit laquelle est décalée.',
  ],
  UNAUTHORIZED: [
    'Envoyez l’en-tête « Authorization: Bearer <ADMIN_TOKEN> ».',
    'L’exploitant connaît le jeton : c’est ADMIN_TOKEN dans les réglages.',
  ],
  FORBIDDEN_ORIGIN: [
    'Cette requête ne peut venir que des pages de ce serveur.',
    'Passez par la page d’état de ce serveur, ou par une commande sans en-tête Origin.',
  ],
  MANAGEMENT_CLOSED: [
    'En production, l’administration est fermée tant qu’ADMIN_TOKEN n’est pas défini.',
    'L’exploitant lui donne 16 caractères ou plus et l’envoie comme jeton Bearer.',
  ],
  NOT_LOCAL: [
    'Sans ADMIN_TOKEN, l’administration ne répond qu’à cette machine.',
    'Demandez depuis cette machine, sans proxy, ou que l’exploitant définisse ADMIN_TOKEN.',
  ],
  TOKEN_MISSING: [
    'Ce serveur est réservé aux spectateurs qui ont un jeton : ses adresses commencent par /t/<token>/.',
    'Installez l’extension avec l’adresse que son exploitant vous a donnée.',
  ],
  TOKEN_UNKNOWN: [
    'Le jeton de cette adresse est inconnu ou a été révoqué ; demandez à qui vous l’a donné.',
    'Installez ensuite l’extension avec la nouvelle adresse.',
  ],
  TOKEN_BYTES: [
    'Le volume de ce jeton est épuisé ; il repart à zéro le mois prochain.',
    'L’exploitant peut lui en donner plus avec « token add » et un autre --month-gb.',
  ],
  STOPPED: [
    'L’exploitant de ce serveur a arrêté cette lecture ; réessayez dans une minute.',
    'Demandez-lui pourquoi si elle est encore arrêtée.',
  ],
  NOT_FOUND: [
    'Il n’y a rien à cette adresse.',
    'Allez à la page d’accueil, ou voyez si l’adresse a été copiée en entier.',
  ],
  UNKNOWN_TITLE: [
    'Aucune source n’est connue pour ce titre.',
    'Réessayez dans quelques minutes ; l’exploitant peut ajouter des fournisseurs : CATALOGUE, UPSTREAM_ADDONS, TORZNAB, FEEDS.',
  ],
  UNKNOWN_SOURCE: [
    'Ce titre n’a pas de source à ce numéro.',
    'Rouvrez la liste, et choisissez l’une des sources qu’elle propose maintenant.',
  ],
  SOURCE_GONE: [
    'Cette source n’est plus proposée ; rouvrez la liste.',
    'Choisissez une autre source si elle n’y est plus.',
  ],
  NO_WANTED_FILE: ['Le torrent n’a pas de fichier lisible pour ce titre.', OTHER_SOURCE],
  FILE_MISSING: [
    'Le fichier de cette source n’est pas là.',
    'Choisissez une autre source ; l’exploitant corrige le chemin dans le catalogue.',
  ],
  METHOD_NOT_ALLOWED: [
    'Seules les méthodes de l’en-tête Allow marchent ici.',
    'Renvoyez la requête avec l’une d’elles.',
  ],
  BODY_TOO_LARGE: [
    'Le corps peut faire au plus 4 Kio, 12 Kio pour les téléchargements.',
    'Envoyez-en moins à la fois, en plusieurs requêtes.',
  ],
  UNSUPPORTED_MEDIA_TYPE: [
    'Envoyez le corps en application/json.',
    'Ajoutez l’en-tête « Content-Type: application/json ».',
  ],
  RANGE_NOT_SATISFIABLE: [
    'La plage est en dehors du fichier.',
    'Demandez des octets sous la taille donnée par Content-Range, ou le fichier entier.',
  ],
  EXPECTATION_FAILED: [
    'L’en-tête « Expect » ne peut dire que 100-continue.',
    'Envoyez la requête sans cet en-tête.',
  ],
  MEDIA_UNREADABLE: [
    'Le contenu de ce fichier n’a pas pu être préparé pour un navigateur ; ouvrez-le dans un autre lecteur.',
    'Ou choisissez une autre source.',
  ],
  TOKEN_STREAMS: [
    'Ce jeton lit déjà autant de films qu’il peut à la fois ; arrêtez-en d’abord un autre.',
    'L’exploitant peut en permettre plus avec « token add » et un autre --streams.',
  ],
  TOO_MANY_REQUESTS: [
    'Trop de requêtes viennent de votre adresse ; réessayez dans un instant.',
    'Retry-After dit quand ; l’exploitant peut relever les réglages LIMIT_, ou nommer le proxy dans TRUST_PROXY.',
  ],
  ANOTHER_NODE: [
    'Un autre nœud a désormais ce fichier ; redemandez.',
    'Si cela dure, l’exploitant voit par « doctor » si les nœuds se joignent.',
  ],
  HEADERS_TOO_LARGE: [
    'Les en-têtes de la requête sont trop grands.',
    'Effacez les cookies de cette adresse, ou prenez un autre navigateur.',
  ],
  INTERNAL: [
    'Quelque chose a échoué ici ; le journal contient l’identifiant de la requête.',
    'Réessayez ; si cela dure, donnez à l’exploitant l’identifiant de la requête.',
  ],
  NO_CONVERTER: [
    'Le son de ce film doit être converti pour un navigateur, et ce serveur n’a pas ffmpeg.',
    'Ouvrez le film dans Stremio ou un autre lecteur ; l’exploitant peut installer ffmpeg.',
  ],
  HOSTILE_TORRENT: ['Le torrent dépasse les limites de ce serveur et a été refusé.', OTHER_SOURCE],
  BAD_TORRENT: ['Le fichier .torrent de cette source n’a pas pu être lu.', OTHER_SOURCE],
  UNSUPPORTED_TORRENT: [
    'Ce torrent est d’une version de BitTorrent que ce serveur ne lit pas. Choisissez une autre source.',
    'La liste en a d’autres, en général.',
  ],
  BAD_REDIRECT: ['L’adresse de cette source ne peut pas être transmise.', OTHER_SOURCE],
  ENGINE_DIED: [
    'Le téléchargement s’est arrêté de façon inattendue ; réessayez, ou prenez une autre source.',
    'Si cela dure, le journal dit à l’exploitant pourquoi.',
  ],
  OUTBOUND_REFUSED: [
    'L’adresse de cette source n’est pas publique.',
    'Choisissez une autre source ; si l’adresse est à l’exploitant, il l’autorise par OUTBOUND_ALLOW.',
  ],
  UPSTREAM_FAILED: [
    'Un autre serveur, dont cette source a besoin, n’a pas bien répondu.',
    'Réessayez, ou prenez une autre source ; « doctor » dit à l’exploitant qui ne répond pas.',
  ],
  PROVIDERS_FAILED: [
    'Aucun fournisseur de sources n’a répondu ; réessayez dans une minute.',
    '« doctor » dit à l’exploitant lesquels ne répondent pas, et pourquoi.',
  ],
  TOO_MANY_LISTENERS: [
    'Trop de pages observent déjà ce serveur ; réessayez dans un instant.',
    'Fermez les autres onglets de la page d’état.',
  ],
  TOO_MANY_ARRIVALS: [
    'Trop de téléchargements ou de relais sont déjà en cours ; réessayez dans un instant.',
    'Retry-After dit quand ; l’exploitant peut relever MAX_DOWNLOADS ou MAX_RELAYS.',
  ],
  TOO_MANY_CONVERSIONS: [
    'Ce serveur prépare déjà autant de films pour navigateurs qu’il peut ; réessayez dans un instant.',
    'Ou ouvrez le film dans Stremio ou un autre lecteur, qui n’a besoin de rien de tel.',
  ],
  TOO_MANY_OPEN: [
    'Ce serveur a ouvert autant de fichiers et de connexions qu’il peut ; réessayez dans un instant.',
    'L’exploitant peut relever la limite de fichiers ouverts (ulimit -n, LimitNOFILE).',
  ],
  TORRENT_NETWORK_AWAY: [
    'Le réseau par lequel les torrents arrivent est absent ; réessayez à son retour.',
    'L’exploitant redémarre le VPN ou le proxy : TORRENT_BIND ou TORRENT_PROXY le nomme.',
  ],
  DRAINING: [
    'Ce serveur est en train de s’arrêter.',
    'Réessayez dans une minute : en général, il redémarre.',
  ],
  NO_PEERS: [
    'Personne avec ce torrent n’a été trouvé à temps ; essayez une autre source.',
    'L’exploitant peut voir par « doctor » si les trackers et la DHT sont joints.',
  ],
  NO_FIRST_BYTE: [
    'Aucun octet n’est arrivé à temps ; réessayez, ou prenez une autre source.',
    'L’exploitant peut relever PLAY_TIMEOUT là où les essaims sont lents.',
  ],
  STALLED: [
    'Aucun octet n’est arrivé pendant 30 secondes.',
    'Continuez la lecture : ce qui est arrivé est gardé. Si cela dure, essayez une autre source.',
  ],
  DOES_NOT_FIT: [
    'Il n’y a pas de place pour ce fichier dans les limites du cache.',
    'Choisissez une source plus petite ; l’exploitant peut relever CACHE_MAX_DISK_MB, ou détacher et enlever des fichiers.',
  ],
}
