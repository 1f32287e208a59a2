// An origin behind a web server, as a CDN shows it: read-only. Every answer has a deadline and a
// size, and no redirect is followed: where things are read is what somebody named, not what a
// server says. A plan needs two small files a scope, so there is neither a cache nor a second try.

internal import AsyncHTTPClient
internal import Documents
package import FlagstaffCore
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

package struct HTTPOrigin: ReadableOrigin {
  /// The address, without a slash at its end.
  package let name: String
  private let client: HTTPClient
  private let secondsMax: Int

  /// Whether a text is the address of a web server, as opposed to a path.
  package static func isAddress(_ text: String) -> Bool {
    let start = text.prefix(8).lowercased()
    return start.hasPrefix("http://") || start.hasPrefix("https://")
  }

  /// Runs a body with an origin, and closes its connections whatever happens.
  ///
  /// - Parameter secondsMax: of one request, from connecting to the last byte.
  /// - Throws: `OriginError` where the address cannot be used; what the body throws.
  package static func with<Result: Sendable>(
    _ address: String, secondsMax: Int = Limits.originSecondsMax,
    _ body: (HTTPOrigin) async throws -> Result
  ) async throws -> Result {
    let name = try checked(address)
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow,
      timeout: .init(connect: .seconds(Int64(secondsMax)), read: .seconds(Int64(secondsMax))))
    configuration.connectionPool.retryConnectionEstablishment = false
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    do {
      let result = try await body(
        HTTPOrigin(name: name, client: client, secondsMax: secondsMax))
      try await client.shutdown()
      return result
    } catch {
      try? await client.shutdown()
      throw error
    }
  }

  private static func checked(_ address: String) throws(OriginError) -> String {
    let name = address.hasSuffix("/") ? String(address.dropLast()) : address
    guard let url = URL(string: name), url.host?.isEmpty == false, isAddress(name) else {
      throw OriginError(
        .badAddress, reading: "an address", "it names no web server. Write https://HOST/PATH")
    }
    guard url.user == nil, url.password == nil, url.query == nil, url.fragment == nil else {
      throw OriginError(
        .badAddress, reading: "an address",
        "it holds a credential, a query or a fragment. What is published is public: name it alone")
    }
    return name
  }

  package func read(_ relativePath: String) async throws(OriginError) -> [UInt8]? {
    let address = "\(name)/\(relativePath)"
    do {
      return try await withDeadline { try await fetch(address) }
    } catch let error as OriginError {
      throw error
    } catch {
      throw OriginError(reading: address, error, secondsMax: secondsMax)
    }
  }

  package func scopesListed() -> [ScopeID]? { nil }

  private func fetch(_ address: String) async throws -> [UInt8]? {
    var request = HTTPClientRequest(url: address)
    request.headers.add(name: "user-agent", value: "flagstaff")
    let response = try await client.execute(request, timeout: .seconds(Int64(secondsMax)))
    switch response.status.code {
    case 200: break
    case 404, 410: return nil
    case let code: throw OriginError(reading: address, status: Int(code))
    }
    let body = try await response.body.collect(upTo: Limits.snapshotBytesMax)
    return Array(body.readableBytesView)
  }

  /// The client's own deadline ends with the first byte of a body; this one with the last.
  private func withDeadline(
    _ body: @escaping @Sendable () async throws -> [UInt8]?
  ) async throws -> [UInt8]? {
    let seconds = secondsMax
    return try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: .seconds(seconds))
        throw HTTPClientError.deadlineExceeded
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }
}

extension OriginError {
  fileprivate init(_ code: Code, reading place: String, _ reason: String) {
    self.init(
      code: code, operation: "reading \(place)", reason: reason, consequence: .stalled)
  }

  /// What an answer other than the file, or that there is none, means.
  fileprivate init(reading address: String, status: Int) {
    let reason: String
    switch status {
    case 300..<400:
      reason = "it answers with a redirect, and none is followed. Name the address where it leads"
    case 401, 403:
      reason =
        "it may not be read. Make the origin readable for everybody; object stores answer so, too,"
        + " for what is not there, unless they may be listed"
    case 500...: reason = "the server failed. Try again later, or look into its log"
    default: reason = "that is no answer of an origin. Check the address"
    }
    self.init(
      code: .badAnswer, operation: "reading \(address)", reason: "status \(status): \(reason)",
      consequence: status >= 500 ? .retry : .stalled)
  }

  /// A failure below HTTP.
  fileprivate init(reading address: String, _ error: any Error, secondsMax: Int) {
    let operation = "reading \(address)"
    if error is NIOTooManyBytesError {
      self.init(
        code: .tooLarge, operation: operation,
        reason: "it has more than \(Limits.snapshotBytesMax) bytes, so it is nothing that was"
          + " published. Check the address", consequence: .stalled)
      return
    }
    let late: [HTTPClientError] = [.deadlineExceeded, .readTimeout, .connectTimeout]
    if let error = error as? HTTPClientError, late.contains(error) {
      self.init(
        code: .unreachable, operation: operation,
        reason: "it was not there after \(secondsMax) seconds. Check the server and the network",
        consequence: .retry)
      return
    }
    self.init(
      code: .unreachable, operation: operation,
      reason: "\(error). Check the address, the server and the network", consequence: .retry)
  }
}
