import type { Refusals } from './words.ts'

const OTHER_SOURCE = 'Wählen Sie eine andere Quelle.'
const MEND = 'oder berichtigen Sie diesen Teil der Adresse.'

export const de: Refusals = {
  BAD_TYPE: [
    'Der Typ muss genau „movie“ oder „series“ sein.',
    `Öffnen Sie den Titel in Stremio, ${MEND}`,
  ],
  BAD_IMDB_ID: [
    'Die Kennung muss eine IMDb-Id sein: „tt“ und 7 bis 10 Ziffern.',
    `Öffnen Sie den Titel in Stremio, ${MEND}`,
  ],
  BAD_FILE_INDEX: [
    'Die Nummer der Quelle muss eine ganze Zahl von 0 bis 9999 sein.',
    `Öffnen Sie eine Quelle der Liste, ${MEND}`,
  ],
  BAD_SEASON: [
    'Eine Serie braucht /Staffel/Folge als ganze Zahlen; ein Film keins von beiden.',
    `Öffnen Sie die Folge in Stremio, ${MEND}`,
  ],
  BAD_EPISODE: [
    'Die Folge muss eine ganze Zahl von 0 bis 9999 sein, nach der Staffel.',
    `Öffnen Sie die Folge in Stremio, ${MEND}`,
  ],
  BAD_SOURCE_KEY: [
    'Der Parameter „s“ muss aus 10 Zeichen Base32 bestehen, wie in der Liste.',
    'Öffnen Sie die Liste noch einmal und nehmen Sie die Adresse von dort, oder lassen Sie „s“ weg.',
  ],
  BAD_HOST: [
    'Es muss genau einen Host-Header geben, und der muss ein Hostname sein.',
    'Öffnen Sie die Adresse mit einem Namen; der Betreiber prüft, ob der Proxy den Header weitergibt.',
  ],
  BAD_REQUEST: [
    'Die Anfrage konnte nicht gelesen werden.',
    'Senden Sie sie noch einmal als einfaches HTTP/1.1; der Betreiber prüft, ob ein Proxy sie verändert.',
  ],
  BAD_BODY: [
    'Der Inhalt muss ein JSON-Objekt sein: „forceCleanup“ true oder false, oder „remove“ mit einer Liste von Inhalten.',
    'Senden Sie eines davon, so wie es dasteht; die README hat Beispiele.',
  ],
  NODE_SIGNATURE: [
    'Diese Anfrage gibt an, von einem anderen Knoten des Clusters zu kommen, und ihre Signatur passt nicht.',
    'Der Betreiber gibt allen Knoten dasselbe CLUSTER_SECRET und startet sie neu.',
  ],
  NODE_CLOCK: [
    'Die Uhren zweier Knoten gehen mehr als 30 Sekunden auseinander.',
    'Der Betreiber lässt alle Knoten ihre Uhr per NTP stellen; „doctor“ sagt, welche falsch geht.',
  ],
  UNAUTHORIZED: [
    'Senden Sie den Header „Authorization: Bearer <ADMIN_TOKEN>“.',
    'Der Betreiber kennt das Token: Es ist ADMIN_TOKEN in den Einstellungen.',
  ],
  FORBIDDEN_ORIGIN: [
    'Diese Anfrage darf nur von den eigenen Seiten dieses Servers kommen.',
    'Nehmen Sie die Statusseite dieses Servers, oder einen Befehl ohne Origin-Header.',
  ],
  MANAGEMENT_CLOSED: [
    'Im Produktivbetrieb ist die Verwaltung geschlossen, bis ADMIN_TOKEN gesetzt ist.',
    'Der Betreiber setzt es auf 16 Zeichen oder mehr und sendet es als Bearer-Token.',
  ],
  NOT_LOCAL: [
    'Ohne ADMIN_TOKEN antwortet die Verwaltung nur diesem Rechner.',
    'Fragen Sie von diesem Rechner aus, nicht über einen Proxy, oder lassen Sie den Betreiber ADMIN_TOKEN setzen.',
  ],
  TOKEN_MISSING: [
    'Dieser Server ist für Zuschauer mit Token: Seine Adressen beginnen mit /t/<token>/.',
    'Installieren Sie das Addon mit der Adresse, die Sie vom Betreiber haben.',
  ],
  TOKEN_UNKNOWN: [
    'Das Token in dieser Adresse ist unbekannt oder wurde widerrufen; fragen Sie, wer es Ihnen gegeben hat.',
    'Installieren Sie das Addon dann mit der neuen Adresse.',
  ],
  TOKEN_BYTES: [
    'Das Datenvolumen dieses Tokens ist verbraucht; im nächsten Monat beginnt es neu.',
    'Der Betreiber kann ihm mit „token add“ und einem anderen --month-gb mehr geben.',
  ],
  STOPPED: [
    'Der Betreiber dieses Servers hat diese Wiedergabe angehalten; versuchen Sie es in einer Minute wieder.',
    'Fragen Sie den Betreiber nach dem Grund, wenn sie wieder angehalten wird.',
  ],
  NOT_FOUND: [
    'Unter dieser Adresse ist nichts.',
    'Gehen Sie zur Startseite, oder sehen Sie nach, ob die Adresse ganz kopiert wurde.',
  ],
  UNKNOWN_TITLE: [
    'Für diesen Titel ist keine Quelle bekannt.',
    'Versuchen Sie es in einigen Minuten wieder; der Betreiber kann Anbieter hinzufügen: CATALOGUE, UPSTREAM_ADDONS, TORZNAB, FEEDS.',
  ],
  UNKNOWN_SOURCE: [
    'Dieser Titel hat keine Quelle mit dieser Nummer.',
    'Öffnen Sie die Liste noch einmal, und wählen Sie eine der Quellen, die sie jetzt hat.',
  ],
  SOURCE_GONE: [
    'Diese Quelle wird nicht mehr angeboten; öffnen Sie die Liste noch einmal.',
    'Wählen Sie eine andere Quelle, wenn sie dort nicht mehr steht.',
  ],
  NO_WANTED_FILE: ['Der Torrent hat keine abspielbare Datei für diesen Titel.', OTHER_SOURCE],
  FILE_MISSING: [
    'Die Datei dieser Quelle ist nicht da.',
    'Wählen Sie eine andere Quelle; der Betreiber berichtigt den Pfad im Katalog.',
  ],
  METHOD_NOT_ALLOWED: [
    'Hier gehen nur die Methoden aus dem Allow-Header.',
    'Senden Sie die Anfrage noch einmal mit einer davon.',
  ],
  BODY_TOO_LARGE: [
    'Der Inhalt darf höchstens 4 KiB groß sein, für Downloads 12 KiB.',
    'Senden Sie weniger auf einmal, in mehreren Anfragen.',
  ],
  UNSUPPORTED_MEDIA_TYPE: [
    'Senden Sie den Inhalt als application/json.',
    'Setzen Sie den Header „Content-Type: application/json“.',
  ],
  RANGE_NOT_SATISFIABLE: [
    'Der Bereich liegt außerhalb der Datei.',
    'Fragen Sie nach Bytes unterhalb der Größe in Content-Range, oder nach der ganzen Datei.',
  ],
  EXPECTATION_FAILED: [
    'Im Header „Expect“ darf nur 100-continue stehen.',
    'Senden Sie die Anfrage ohne diesen Header.',
  ],
  MEDIA_UNREADABLE: [
    'Was in dieser Datei ist, konnte nicht für einen Browser vorbereitet werden; öffnen Sie sie in einem anderen Player.',
    'Oder wählen Sie eine andere Quelle.',
  ],
  TOKEN_STREAMS: [
    'Dieses Token spielt schon so viele Filme, wie es zugleich darf; halten Sie erst einen anderen an.',
    'Der Betreiber kann mit „token add“ und einem anderen --streams mehr erlauben.',
  ],
  TOO_MANY_REQUESTS: [
    'Von Ihrer Adresse kommen zu viele Anfragen; versuchen Sie es gleich wieder.',
    'Retry-After sagt, wann; der Betreiber kann die LIMIT_-Einstellungen erhöhen oder den Proxy in TRUST_PROXY nennen.',
  ],
  ANOTHER_NODE: [
    'Inzwischen hat ein anderer Knoten diese Datei; fragen Sie noch einmal.',
    'Bleibt es so, sieht der Betreiber mit „doctor“, ob die Knoten einander erreichen.',
  ],
  HEADERS_TOO_LARGE: [
    'Die Header der Anfrage sind zu groß.',
    'Löschen Sie die Cookies dieser Adresse, oder nehmen Sie einen anderen Browser.',
  ],
  INTERNAL: [
    'Hier ist etwas schiefgegangen; im Protokoll steht die Kennung der Anfrage.',
    'Versuchen Sie es noch einmal; bleibt es so, nennen Sie dem Betreiber die Kennung der Anfrage.',
  ],
  NO_CONVERTER: [
    'Der Ton dieses Films muss für einen Browser umgewandelt werden, und dieser Server hat kein ffmpeg.',
    'Öffnen Sie den Film in Stremio oder einem anderen Player; der Betreiber kann ffmpeg installieren.',
  ],
  HOSTILE_TORRENT: [
    'Der Torrent überschreitet die Grenzen dieses Servers und wurde abgelehnt.',
    OTHER_SOURCE,
  ],
  BAD_TORRENT: ['Die .torrent-Datei dieser Quelle konnte nicht gelesen werden.', OTHER_SOURCE],
  UNSUPPORTED_TORRENT: [
    'Dieser Torrent hat eine Version von BitTorrent, die dieser Server nicht spielt. Wählen Sie eine andere Quelle.',
    'In der Regel hat die Liste andere.',
  ],
  BAD_REDIRECT: ['Die Adresse dieser Quelle kann nicht weitergegeben werden.', OTHER_SOURCE],
  ENGINE_DIED: [
    'Der Download endete unerwartet; versuchen Sie es noch einmal, oder mit einer anderen Quelle.',
    'Bleibt es so, sagt das Protokoll dem Betreiber, woran es lag.',
  ],
  OUTBOUND_REFUSED: [
    'Die Adresse dieser Quelle ist keine öffentliche.',
    'Wählen Sie eine andere Quelle; ist es die eigene Adresse des Betreibers, erlaubt er sie mit OUTBOUND_ALLOW.',
  ],
  UPSTREAM_FAILED: [
    'Ein anderer Server, den diese Quelle braucht, hat nicht richtig geantwortet.',
    'Versuchen Sie es noch einmal, oder mit einer anderen Quelle; „doctor“ sagt dem Betreiber, wer nicht antwortet.',
  ],
  PROVIDERS_FAILED: [
    'Kein Anbieter von Quellen hat geantwortet; versuchen Sie es in einer Minute wieder.',
    'Welche nicht antworten, und warum, sagt dem Betreiber „doctor“.',
  ],
  TOO_MANY_LISTENERS: [
    'Diesem Server sehen schon zu viele Seiten zu; versuchen Sie es gleich wieder.',
    'Schließen Sie andere Tabs mit der Statusseite.',
  ],
  TOO_MANY_ARRIVALS: [
    'Es laufen schon zu viele Downloads oder Weiterleitungen; versuchen Sie es gleich wieder.',
    'Retry-After sagt, wann; der Betreiber kann MAX_DOWNLOADS oder MAX_RELAYS erhöhen.',
  ],
  TOO_MANY_CONVERSIONS: [
    'Dieser Server bereitet schon so viele Filme für Browser vor, wie er kann; versuchen Sie es gleich wieder.',
    'Oder öffnen Sie den Film in Stremio oder einem anderen Player, der nichts davon braucht.',
  ],
  TOO_MANY_OPEN: [
    'Dieser Server hat so viele Dateien und Verbindungen offen, wie er darf; versuchen Sie es gleich wieder.',
    'Der Betreiber kann die Grenze der offenen Dateien erhöhen (ulimit -n, LimitNOFILE).',
  ],
  TORRENT_NETWORK_AWAY: [
    'Das Netz, über das Torrents geholt werden, ist weg; versuchen Sie es wieder, wenn es zurück ist.',
    'Der Betreiber startet das VPN oder den Proxy neu: TORRENT_BIND oder TORRENT_PROXY nennt es.',
  ],
  DRAINING: [
    'Dieser Server fährt gerade herunter.',
    'Versuchen Sie es in einer Minute wieder: In der Regel wird er neu gestartet.',
  ],
  NO_PEERS: [
    'Niemand mit diesem Torrent wurde rechtzeitig gefunden; versuchen Sie eine andere Quelle.',
    'Der Betreiber kann mit „doctor“ sehen, ob Tracker und DHT erreicht werden.',
  ],
  NO_FIRST_BYTE: [
    'Es kam nicht rechtzeitig ein Byte an; versuchen Sie es noch einmal, oder mit einer anderen Quelle.',
    'Der Betreiber kann PLAY_TIMEOUT erhöhen, wo Schwärme langsam sind.',
  ],
  STALLED: [
    '30 Sekunden lang kam kein Byte an.',
    'Spielen Sie weiter: Was angekommen ist, bleibt. Bleibt es so, versuchen Sie eine andere Quelle.',
  ],
  DOES_NOT_FIT: [
    'Für diese Datei ist innerhalb der Grenzen des Caches kein Platz.',
    'Wählen Sie eine kleinere Quelle; der Betreiber kann CACHE_MAX_DISK_MB erhöhen, oder Dateien lösen und entfernen.',
  ],
}
