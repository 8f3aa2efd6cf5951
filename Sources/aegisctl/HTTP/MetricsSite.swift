import Aegis

/// The resources available over HTTP.
struct MetricsSite {
  let root: PinRoot

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    let resources: [String: () -> HTTPResponse] = [
      "/": { HTTPResponse(.ok, "aegisctl \(Version.text)\n/metrics\n/health\n/ready\n") },
      "/metrics": metrics,
      "/health": { HTTPResponse(.ok, "ok\n") },
      "/ready": readiness,
    ]
    let path = Self.aliases[request.path] ?? request.path
    guard let resource = resources[path] else { return HTTPResponse(.notFound) }
    guard ["GET", "HEAD"].contains(request.method) else { return HTTPResponse(.methodNotAllowed) }
    return resource()
  }

  /// Other names of resources, as Kubernetes has them.
  private static let aliases = ["/healthz": "/health", "/readyz": "/ready"]

  private func metrics() -> HTTPResponse {
    do {
      return HTTPResponse(
        .ok, try Metrics(Datapath(at: root)).text, contentType: HTTPResponse.exposition)
    } catch {
      // The metrics also report that nothing is loaded.
      return error.kind == .notLoaded
        ? HTTPResponse(.ok, Metrics().text, contentType: HTTPResponse.exposition)
        : HTTPResponse(.internalServerError, error.message + "\n")
    }
  }

  /// Ready means protecting as declared: loaded, attached to all declared interfaces, not suspended.
  private func readiness() -> HTTPResponse {
    do {
      let datapath = try Datapath(at: root)
      let attachments = try Interfaces(datapath).attachments()
      var obstacles = attachments.filter(\.isLost).map { "\($0.label) is not attached" }
      obstacles += attachments.filter { $0.isGone && !$0.isLost }
        .map { "\($0.label) was moved to another network namespace" }
      if !attachments.contains(where: \.isAttached) { obstacles.append("nothing is attached") }
      if let left = try Deadline(datapath).remaining(), left <= .zero {
        obstacles.append("the policy was not confirmed in time: everything passes")
      }
      if obstacles.isEmpty { return HTTPResponse(.ok, "ready\n") }
      return HTTPResponse(.serviceUnavailable, obstacles.map { $0 + "\n" }.joined())
    } catch {
      return HTTPResponse(.serviceUnavailable, error.message + "\n")
    }
  }
}
