// The words of generated definitions: what the teams of a shop would write about their flags. The
// texts are of the length and the variety of real ones, since both decide how fast they are parsed.

enum Vocabulary {
  static let customerFirsts = [
    "alder", "birch", "cedar", "dogwood", "elm", "fir", "hazel", "juniper", "larch", "maple",
    "rowan", "willow",
  ]
  static let customerSeconds = [
    "apparel", "books", "cycles", "electronics", "furniture", "garden", "grocery", "outdoor",
    "pharmacy", "toys",
  ]
  static let areas = [
    "account", "basket", "catalog", "checkout", "delivery", "loyalty", "payments", "returns",
    "search", "support",
  ]
  static let owners = [
    "checkout-team", "discovery", "growth", "logistics", "mobile-apps", "payments-core",
    "platform", "retention",
  ]
  static let subjects = [
    "address-lookup", "banner", "bundle-offer", "delivery-slot", "express-pay", "filter-panel",
    "gift-wrap", "image-zoom", "live-chat", "newsletter", "one-click", "order-tracker",
    "points-balance", "price-alert", "quick-view", "recommendations", "review-summary",
    "saved-cards", "size-advisor", "stock-badge",
  ]
  static let variants = [
    ["control", "compact", "guided"], ["classic", "inline", "drawer", "sheet"],
    ["baseline", "assisted"], ["current", "short-form", "two-column"],
    ["plain", "illustrated", "animated", "interactive"],
  ]
  static let tiers = ["critical", "standard", "experimental", "operational"]
  static let layouts = ["single-column", "two-column", "sidebar", "full-width"]
  static let devices = ["ios", "android", "web", "tablet", "smart-tv"]
  static let plans = ["free", "starter", "family", "plus", "business", "enterprise"]
  static let regions = [
    "emea-north", "emea-south", "dach", "benelux", "nordics", "latam", "us-east", "us-west",
    "apac", "anz",
  ]
  static let countries = [
    "AR", "AT", "AU", "BE", "BR", "CA", "CH", "CL", "CZ", "DE", "DK", "ES", "FI", "FR", "GB",
    "IE", "IT", "JP", "KR", "MX", "NL", "NO", "NZ", "PL", "PT", "SE", "SG", "US",
  ]
  static let steps = [
    "2026-11-02T09:00:00Z", "2026-11-16T09:00:00Z", "2026-12-07T09:00:00Z",
    "2027-01-18T09:00:00Z",
  ]
  static let headlines = [
    "Delivered tomorrow, or the shipping is on us", "Your basket, ready when you are",
    "Three steps to your order", "Members see prices first", "Free returns within 60 days",
    "Pick it up in a store near you", "Pay later, without a fee", "Made to last: see how",
  ]
  static let hypotheses = [
    "Shoppers who see the delivery date before the price finish 2 % more orders.",
    "A shorter form lowers the share of people who leave at the address by 5 %.",
    "Showing points beside the total brings members back three days sooner.",
    "Fewer choices on the first screen lift the rate of added products by 1.5 %.",
    "A visible return policy lowers calls to support by 4 %, and returns stay as they are.",
    "Wallet payment on phones shortens the median checkout by 20 seconds.",
  ]
  static let valueSchema = [
    "valueSchema:", "  type: object", "  required: [layout, columns, timeoutMilliseconds]",
    "  properties:", "    layout: {enum: [single-column, two-column, sidebar, full-width]}",
    "    columns: {type: integer, minimum: 1, maximum: 4}",
    "    timeoutMilliseconds: {type: integer, minimum: 50, maximum: 5000}",
    "    lazyImages: {type: boolean}", "    headline: {type: string, maxLength: 120}",
    "    modules:", "      type: array", "      items: {type: object, required: [name, title]}",
    "  additionalProperties: false",
  ]

  /// A sentence of a description.
  static func sentence(_ random: inout SplitMix64, area: String) -> String {
    let subject = random.pick(subjects)
    let owner = random.pick(owners)
    let plan = random.pick(plans)
    let number = random.below(90) + 2
    return switch random.below(12) {
    case 0:
      "The team \(owner) watches the error rate of \(area) for \(number) hours after a change."
    case 1:
      "Asked for by \(owner) after the review of \(subject); the numbers are in report \(number)."
    case 2: "Customers on the plan \(plan) see the older form until their contract is renewed."
    case 3:
      "When \(subject) is unavailable, the page falls back to a cached copy of \(number) minutes."
    case 4:
      "Accessibility was checked with \(number) test sessions; focus order and labels are sound."
    case 5: "Legal asked that nothing about prices changes for people who are not signed in."
    case 6: "Support has an article about this, and \(owner) answers what the article does not."
    case 7: "The earlier attempt in \(area) was stopped after \(number) days, as returns went up."
    case 8: "Remove this definition once \(subject) has served everyone for \(number) days."
    case 9: "Load tests showed no change of the 99th percentile with \(number) requests a second."
    case 10: "Translations exist for every country in the list; \(owner) adds new ones each month."
    default: "It depends on \(subject), which must be on wherever this is on, and not the reverse."
    }
  }
}
