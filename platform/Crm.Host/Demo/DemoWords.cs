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
}
