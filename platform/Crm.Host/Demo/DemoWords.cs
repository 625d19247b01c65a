namespace Crm.Host.Demo;

/// <summary>What sellers write: the names, next steps and notes of opportunities, in the language of the customer.</summary>
internal static class DemoWords
{
    private static readonly string[] Occasions = ["", "", "", "", ", line 2", ", new plant", ", retrofit", ", spare stock", ", second site"];

    private static readonly string[] ChineseOccasions = ["项目", "项目", "采购", "二期项目", "改造项目", "备件采购", "新厂项目"];

    private static readonly Dictionary<string, (string[] English, string[] Chinese)> NextSteps = new()
    {
        ["prospecting"] = (["Call to learn the application", "Send data sheets", "Find out who decides", "Arrange a first visit"], ["电话了解工况", "发送产品资料", "了解决策人", "安排首次拜访"]),
        ["engaging"] = (["Site visit with applications engineer", "Agree the measuring points", "Demo unit to the plant", "Clarify approvals and certificates"], ["与应用工程师现场勘察", "确认测点清单", "寄送样机试用", "确认认证要求"]),
        ["proposal"] = (["Send quotation", "Walk through the offer with procurement", "Revise quantities", "Reference visit"], ["提交报价", "与采购讲解方案", "调整数量并更新报价", "安排参观样板客户"]),
        ["negotiation"] = (["Agree payment terms", "Answer the discount request", "Delivery schedule to be confirmed", "Contract with their legal department"], ["商定付款方式", "回复折扣申请", "确认交货期", "合同提交客户法务审核"]),
    };

    private static readonly string[] Reasons = ["the old instruments drift", "they extend the line", "an audit asked for traceable calibration", "spare parts are no longer made", "they want readings in their control system", "downtime has become too costly"];

    private static readonly string[] ChineseReasons = ["原有仪表漂移严重", "生产线扩建", "审核要求可追溯校准", "原备件已停产", "需要接入控制系统", "停机损失过高"];

    public static string Title(DemoDice dice, DemoCustomer customer, DemoProduct product) => customer.Place.Tongue == Tongue.Chinese
        ? customer.Short + product.Chinese + dice.Pick(ChineseOccasions)
        : $"{product.Plural} for {customer.Short}{dice.Pick(Occasions)}";

    public static string NextStep(DemoDice dice, DemoCustomer customer, string stage) =>
        dice.Pick(customer.Place.Tongue == Tongue.Chinese ? NextSteps[stage].Chinese : NextSteps[stage].English);

    public static string Description(DemoDice dice, DemoCustomer customer, DemoProduct product, int quantity) => customer.Place.Tongue == Tongue.Chinese
        ? $"{product.Chinese}{quantity}台，用于{customer.City}工厂：{dice.Pick(ChineseReasons)}。"
        : $"{quantity} × {product.Name} for the site in {customer.City}: {dice.Pick(Reasons)}.";

    /// <summary>What selling costs: kind, English and Chinese text, usual amount.</summary>
    public static (string Kind, string English, string Chinese, decimal Cost)[] SellingCosts { get; } =
        [("travel", "Travel to the plant", "工厂差旅", 260), ("presales", "Hours of the applications engineer", "应用工程师工时", 480), ("demo", "Demo unit sent and returned", "样机寄送", 150), ("sample", "Sample probe", "样品探头", 120), ("entertainment", "Dinner with the project group", "项目组宴请", 180), ("tender", "Tender documents", "招标文件", 90)];

    public static ((string English, string Chinese) Subject, (string English, string Chinese) Result)[] Calls { get; } =
    [
        (("Learn about the application", "了解工况"), ("Medium, pressure and temperature are known; wants an offer by the end of the week.", "已了解介质、压力与温度，要求本周内报价。")),
        (("Ask about the offer", "跟进报价"), ("Offer is with procurement, answer within ten days.", "报价已交采购，十日内答复。")),
        (("Agree a date", "约定时间"), ("Date agreed, maintenance takes part.", "时间已定，设备部参加。")),
        (("Delivery time", "确认交货期"), ("Needs it before the shutdown; two weeks would be fine.", "需在停车检修前到货，两周可接受。")),
    ];

    public static (string English, string Chinese)[] Meetings { get; } = [("Technical clarification", "技术澄清"), ("Presentation of the solution", "方案演示"), ("Commercial talk", "商务洽谈"), ("Project start", "项目启动会")];

    public static (string English, string Chinese)[] VisitReports { get; } =
        [("Saw the line with the maintenance manager. Four measuring points, two of them in an explosive area. Sends drawings.", "与设备经理查看产线。四个测点，其中两个在防爆区。对方将提供图纸。"), ("Price is above their budget, but they want the certificates. We offer two steps.", "价格高于预算，但需要认证。建议分两期实施。"), ("Plant manager is on our side; procurement asks for a second offer.", "厂长支持我方，采购要求再提供一份报价。"), ("Trial unit agreed for four weeks, start after the shutdown.", "约定四周试用，停车检修后开始。")];

    public static (string English, string Chinese)[] Mails { get; } = [("Data sheets as promised", "资料请查收"), ("Our offer", "报价单"), ("Questions about the connection", "关于接口的问题"), ("Confirmation of our appointment", "会面确认")];

    public static (string English, string Chinese)[] NoteTitles { get; } = [("Who decides", "决策人"), ("Competitor", "竞争情况"), ("Background", "背景信息"), ("Delivery", "交付要求")];

    public static (string English, string Chinese)[] NoteTexts { get; } =
        [("The technical director decides, procurement only negotiates.", "由技术总监决定，采购仅负责议价。"), ("A rival has shown a unit; they found it hard to set up.", "竞争对手已演示，客户反映设置困难。"), ("They plan a second line for next year.", "明年计划新增一条产线。"), ("Certificates in the national language are a must.", "必须提供本国语言的证书。")];

    public static (string Kind, string English, string Chinese)[] Tasks { get; } =
        [("follow_up", "Follow up the offer", "跟进报价"), ("quote", "Prepare the quotation", "准备报价"), ("send", "Send data sheets and certificates", "寄送资料和证书"), ("prepare", "Prepare the presentation", "准备演示"), ("check", "Check delivery time with the plant", "与工厂确认交货期"), ("follow_up", "Ask for the order", "催促下单")];

    public static (string English, string Chinese)[] OwnTasks { get; } =
        [("Send figures of the month", "提交月度数据"), ("Update the plan for next quarter", "更新下季度计划"), ("Read the comments of the survey", "阅读调查意见"), ("Prepare the team meeting", "准备部门会议"), ("Order material for the fair", "订购展会物料"), ("Check open service requests", "检查未结服务请求"), ("Write an article for the knowledge base", "撰写知识库文章"), ("Book travel", "预订差旅")];

    public static string Need(DemoDice dice, DemoCustomer customer, DemoProduct product) => customer.Place.Tongue == Tongue.Chinese
        ? $"需要{product.Chinese}：{dice.Pick(ChineseReasons)}。"
        : $"{product.Plural} wanted: {dice.Pick(Reasons)}.";

    /// <summary>How somebody in the buying centre is treated; nothing for those whom one just keeps informed.</summary>
    public static string? Policy(string attitude, bool chinese) => attitude switch
    {
        "champion" => chinese ? "提供内部汇报材料，请其代为推荐。" : "Give slides and figures to show inside; ask for a word with the others.",
        "sceptic" => chinese ? "安排样板工程参观，消除顾虑。" : "Reference visit; answer each doubt in writing.",
        "enemy" => chinese ? "通过其上级了解原因，避免正面冲突。" : "Learn the reason through the superior; do not argue.",
        _ => null,
    };

    /// <summary>The part that a person plays in a purchase, as far as the job tells.</summary>
    public static string BuyingRole(DemoContact contact) => contact.Values["role"] switch
    {
        "decision_maker" => "primary_decision_maker",
        "influencer" => "influencer",
        "evaluator" => "technical_evaluator",
        "user" => "user",
        _ => "irrelevant",
    };
}
