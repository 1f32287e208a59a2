// A whole snapshot made by hand, small enough to work out every answer on paper. Salts are chosen
// so that buckets are those of published vectors: after "ab" the unit "c" has bucket 3002, "cd"
// 1978, "cde" 1862. After "ab" the unit "d" has 2522; after "traffic-367/" the units "c", "cd",
// "cde" and "d" have 6882, 872, 475 and 43 (worked out by another implementation).

enum StorefrontSnapshot {
  static let experiments = [
    #"""
    {"kind":"experiment","key":"banner","id":"i1","hash":1,"live":true,"bucketBy":"account",
    "trafficSalt":"ab","traffic":[[0,10000]],"salt":"ab","control":"plain","variants":[
    {"key":"plain","ranges":[[0,1900]],"payload":{"text":""}},
    {"key":"sale","ranges":[[1900,3000]],"payload":{"text":"Sale"}}],"force":{}}
    """#,
    #"""
    {"kind":"experiment","key":"checkout-v2","id":"i2","hash":1,"live":true,
    "bucketBy":"targetingKey","trafficSalt":"traffic-367/","traffic":[[0,2500]],"salt":"ab",
    "targeting":{"attribute":"country","operator":"in","value":["CA","US"]},"control":"a-three",
    "variants":[{"key":"a-three","ranges":[[0,1900]]},{"key":"b-one","ranges":[[1900,10000]]}],
    "force":{"a-three":["x"],"b-one":["qa-1","42"]}}
    """#,
    #"""
    {"kind":"experiment","key":"ended","id":"i3","hash":1,"live":false,"bucketBy":"targetingKey",
    "trafficSalt":"ab","traffic":[],"salt":"ab","targeting":{"not":{"attribute":"country",
    "operator":"equals","value":"DE"}},"control":"off","variants":[{"key":"off",
    "ranges":[[0,5000]]},{"key":"on","ranges":[[5000,10000]]}],"force":{"off":["qa-1"]},
    "winner":"on"}
    """#,
    #"""
    {"kind":"experiment","key":"paused","id":"i4","hash":1,"live":false,"bucketBy":"targetingKey",
    "trafficSalt":"ab","traffic":[[0,10000]],"salt":"ab","control":"off","variants":[{"key":"off",
    "ranges":[[0,5000]]},{"key":"on","ranges":[[5000,10000]]}],"force":{"on":["qa-1"]}}
    """#,
  ]

  static let flags = [
    flag(
      "checkout", type: "object", variants: #"{"a-three":{"steps":3},"b-one":{"steps":1}}"#,
      off: "a-three",
      rules: [
        #"{"when":{"attribute":"employee","operator":"equals","value":true},"serve":"b-one"}"#,
        #"{"experiment":"checkout-v2"}"#,
        #"""
        {"key":"de-split","id":"ab","when":{"attribute":"country","operator":"equals","value":"DE"},
        "split":[{"key":"a-three","ranges":[[0,1900]]},{"key":"b-one","ranges":[[1900,10000]]}]}
        """#,
      ]),
    flag(
      "fallback", served: "on",
      rules: [
        #"{"experiment":"never-published"}"#, #"{"experiment":"paused"}"#,
        #"{"key":"none","id":"ab","share":0,"serve":"off"}"#,
      ]),
    flag("killed", served: "on", isKilled: true, rules: [#"{"serve":"on"}"#]),
    flag("off", served: "on", isEnabled: false, rules: [#"{"serve":"on"}"#]),
    flag("ramp", rules: [#"{"key":"ramp","id":"ab","share":1900,"serve":"on"}"#]),
    flag("shipped", rules: [#"{"experiment":"ended"}"#, #"{"serve":"off"}"#]),
    flag("still", served: "on", rules: []),
  ]

  private static func flag(
    _ key: String, type: String = "boolean", variants: String = #"{"off":false,"on":true}"#,
    off: String = "off", served: String? = nil, isEnabled: Bool = true, isKilled: Bool = false,
    rules: [String]
  ) -> String {
    #"""
    {"kind":"flag","key":"\#(key)","type":"\#(type)","variants":\#(variants),"off":"\#(off)",
    "default":"\#(served ?? off)","enabled":\#(isEnabled),"killed":\#(isKilled),
    "bucketBy":"targetingKey","rules":[\#(rules.joined(separator: ","))]}
    """#
  }

  static func part(_ definitions: [String]) -> String {
    let list = definitions.joined(separator: ",").replacing("\n", with: "")
    return #"{"format":1,"definitions":[\#(list)]}"#
  }

  static let whole = part(experiments + flags)
}
