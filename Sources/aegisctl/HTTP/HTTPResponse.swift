/// The status of a response.
enum HTTPStatus: Int, CaseIterable {
  case ok = 200
  case badRequest = 400
  case notFound = 404
  case methodNotAllowed = 405
  case requestTimeout = 408
  case uriTooLong = 414
  case headersTooLarge = 431
  case internalServerError = 500
  case serviceUnavailable = 503
  case versionNotSupported = 505

  var reason: String {
    switch self {
    case .ok: "OK"
    case .badRequest: "Bad Request"
    case .notFound: "Not Found"
    case .methodNotAllowed: "Method Not Allowed"
    case .requestTimeout: "Request Timeout"
    case .uriTooLong: "URI Too Long"
    case .headersTooLarge: "Request Header Fields Too Large"
    case .internalServerError: "Internal Server Error"
    case .serviceUnavailable: "Service Unavailable"
    case .versionNotSupported: "HTTP Version Not Supported"
    }
  }
}

/// A response, after which the connection is closed.
struct HTTPResponse: Equatable {
  static let plainText = "text/plain; charset=utf-8"
  /// The content type of the exposition format that Prometheus scrapes.
  static let exposition = "text/plain; version=0.0.4; charset=utf-8"

  let status: HTTPStatus
  var contentType = plainText
  var body: String

  init(_ status: HTTPStatus, _ body: String? = nil, contentType: String = plainText) {
    self.status = status
    self.contentType = contentType
    self.body = body ?? "\(status.rawValue) \(status.reason)\n"
  }

  /// - Parameter isHead: Whether to give only the length of the body.
  func text(isHead: Bool) -> String {
    var lines = [
      "HTTP/1.1 \(status.rawValue) \(status.reason)", "Content-Type: \(contentType)",
      "Content-Length: \(body.utf8.count)", "Cache-Control: no-store",
      "X-Content-Type-Options: nosniff", "Connection: close",
    ]
    if status == .methodNotAllowed { lines.append("Allow: GET, HEAD") }
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + (isHead ? "" : body)
  }
}
